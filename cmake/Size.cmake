# SPDX-License-Identifier: LGPL-2.1-or-later
# A release is built for size: nobody shares the pages of a daemon's own code, so they are its
# private memory (docs/performance.md). What every request of the line socket runs through is built
# for speed instead, loops over bytes as vectors: patd_hot_sources(FILE...), after the target's
# add_library.
string(REPLACE "-O2" "-Os" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
string(REPLACE "-O2" "-Os" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)

function(patd_hot_sources)
  set(options -O2 -ftree-vectorize)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    list(APPEND options -fvect-cost-model=dynamic)  # clang has none
  endif()
  set_source_files_properties(${ARGN} PROPERTIES
    COMPILE_OPTIONS "$<$<CONFIG:RelWithDebInfo>:${options}>")
endfunction()
