# SPDX-License-Identifier: LGPL-2.1-or-later
option(PATD_SANITIZE "Build with ASan and UBSan" OFF)
if(PATD_SANITIZE)
  # -g1: lines for a report's stack are enough, and build a sixth faster.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=address,undefined)
  # Every test links the whole daemon; gold does that in half of ld's time.
  include(CheckLinkerFlag)
  check_linker_flag(CXX -fuse-ld=gold PATD_HAS_GOLD)
  if(PATD_HAS_GOLD)
    add_link_options($<$<LINK_LANGUAGE:CXX>:-fuse-ld=gold>)
  endif()
endif()
