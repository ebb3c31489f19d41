# SPDX-License-Identifier: LGPL-2.1-or-later
# The manual pages: docs/man/NAME.SECTION.md, rendered by pandoc when the target `manual` is built,
# as tools/package.sh does. A build without it needs no pandoc, and installs no pages.
file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.md)
set(rendered)
foreach(page ${pages})
  cmake_path(GET page STEM LAST_ONLY name)
  string(REGEX MATCH "[0-9]$" section ${name})
  set(output ${PROJECT_BINARY_DIR}/man/man${section}/${name}.gz)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man/man${section}
    COMMAND ${PROJECT_SOURCE_DIR}/tools/manual_page.sh ${page} ${output}.plain
    COMMAND gzip -9nc ${output}.plain > ${output}
    COMMAND ${CMAKE_COMMAND} -E rm ${output}.plain
    DEPENDS ${page} ${PROJECT_SOURCE_DIR}/CMakeLists.txt
      ${PROJECT_SOURCE_DIR}/tools/manual_page.sh
    VERBATIM)
  list(APPEND rendered ${output})
endforeach()
add_custom_target(manual DEPENDS ${rendered})
install(DIRECTORY ${PROJECT_BINARY_DIR}/man DESTINATION ${CMAKE_INSTALL_DATAROOTDIR} OPTIONAL
  FILES_MATCHING PATTERN "*.gz")
