# SPDX-License-Identifier: LGPL-2.1-or-later
# A release is built for size: nobody shares the pages of a daemon's own code, so they are its
# private memory (docs/performance.md). The code that every request of the line socket runs through
# is built for speed instead, with loops over bytes vectorised: patd_hot_sources(FILE...), after the
# target's add_library.
string(REPLACE "-O2" "-Os" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
string(REPLACE "-O2" "-Os" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)

function(patd_hot_sources)
  if(CMAKE_BUILD_TYPE AND NOT CMAKE_BUILD_TYPE STREQUAL RelWithDebInfo)
    return()
  endif()
  set(options -O2 -ftree-vectorize)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    list(APPEND options -fvect-cost-model=dynamic)  # clang does not have it
  endif()
  set(options "$<$<CONFIG:RelWithDebInfo>:${options}>")
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS "${options}")
  if(NOT CMAKE_UNITY_BUILD)
    return()
  endif()
  # A unity build leaves out files with their own options, so these are joined here, by target.
  get_property(targets DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(sources ${target} SOURCES)
    set(text "")
    foreach(file ${ARGN})
      get_source_file_property(alone ${file} SKIP_UNITY_BUILD_INCLUSION)
      if(file IN_LIST sources AND NOT alone)
        string(APPEND text "#include \"${CMAKE_CURRENT_SOURCE_DIR}/${file}\"\n")
        set_source_files_properties(${file} PROPERTIES HEADER_FILE_ONLY TRUE)
      endif()
    endforeach()
    if(text)
      set(joined ${CMAKE_CURRENT_BINARY_DIR}/${target}_hot.cc)
      file(CONFIGURE OUTPUT ${joined} CONTENT "${text}" @ONLY)
      target_sources(${target} PRIVATE ${joined})
      set_source_files_properties(${joined} PROPERTIES COMPILE_OPTIONS "${options}")
    endif()
  endforeach()
endfunction()
