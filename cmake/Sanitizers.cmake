# SPDX-License-Identifier: LGPL-2.1-or-later
# Additional options of the presets asan, tsan, fuzz and coverage (CMakePresets.json).
set(PATD_SANITIZE OFF CACHE STRING "ON: build with ASan and UBSan; thread: with TSan")
option(PATD_FUZZ "Build libFuzzer's programs of tests/fuzz; needs clang" OFF)
option(PATD_COVERAGE "Count which lines run, for tools/coverage.py" OFF)

# Every test links the whole daemon; gold does that in half of ld's time.
function(patd_link_with_gold)
  include(CheckLinkerFlag)
  check_linker_flag(CXX -fuse-ld=gold PATD_HAS_GOLD)
  if(PATD_HAS_GOLD)
    add_link_options($<$<LINK_LANGUAGE:CXX>:-fuse-ld=gold>)
  endif()
endfunction()

# -g1: lines are enough for a report's stack, and build a sixth faster.
if(PATD_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=thread)
  patd_link_with_gold()
elseif(PATD_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=address,undefined)
  # A million pointers in what they add would be relocated at each start, of 30 MB in each test.
  add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
  patd_link_with_gold()
endif()
if(PATD_FUZZ)  # which branches ran; the entry point comes with each program
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
# Instrumented code needs the dynamic glibc.
set(PATD_INSTRUMENTED OFF)
if(PATD_SANITIZE OR PATD_COVERAGE)
  set(PATD_INSTRUMENTED ON)
endif()
if(PATD_COVERAGE)  # atomic: the daemon has threads
  add_compile_options(--coverage -fprofile-update=atomic -g1)
  add_link_options(--coverage)
  patd_link_with_gold()
endif()
