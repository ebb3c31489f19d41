# SPDX-License-Identifier: LGPL-2.1-or-later
option(PATD_SANITIZE "Build with ASan and UBSan" OFF)
if(PATD_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
