# SPDX-License-Identifier: LGPL-2.1-or-later
option(PATD_SANITIZE "Build with ASan and UBSan" OFF)
if(PATD_SANITIZE)
  # -g1: lines for a report's stack are enough, and build a sixth faster.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=address,undefined)
endif()
