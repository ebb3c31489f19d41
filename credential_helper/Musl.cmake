# SPDX-License-Identifier: LGPL-2.1-or-later
# patd_link_with_musl(TARGET): makes TARGET a static, position-independent program on musl's libc.
#
# Debian has no C++ compiler for musl. g++'s objects and its libstdc++.a link with musl's libc.a all
# the same, as long as they call nothing that glibc alone has: no fortified calls (compile with
# "SHELL:-U_FORTIFY_SOURCE"), and musl_runtime.cc for the rest. What they do call is POSIX, with the
# kernel's own structures, which both libcs pass on as they are.
#
# Two segments instead of four, which costs the kernel less at every start: the constants lie beside
# the code, and no part of the data is set read-only after relocation (a static-pie of musl's never
# did so, whatever its headers said). Nothing is both writable and executable.
# PATD_MUSL_LIBC: cmake/Dependencies.cmake.
function(patd_link_with_musl target)
  cmake_path(GET PATD_MUSL_LIBC PARENT_PATH musl)
  foreach(file crtbeginS.o crtendS.o libstdc++.a libgcc.a libgcc_eh.a)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${file}
      OUTPUT_VARIABLE ${file} OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/credential_helper/musl_runtime.cc)
  target_compile_options(${target} PRIVATE "SHELL:-U_FORTIFY_SOURCE")
  target_link_options(${target} PRIVATE -nostdlib -static-pie -Wl,--eh-frame-hdr
    -Wl,--gc-sections -Wl,-z,noseparate-code -Wl,-z,norelro
    ${musl}/rcrt1.o ${musl}/crti.o ${crtbeginS.o})
  target_link_libraries(${target} PRIVATE
    -Wl,--start-group ${libstdc++.a} ${libgcc_eh.a} ${libgcc.a} ${PATD_MUSL_LIBC} -Wl,--end-group
    ${crtendS.o} ${musl}/crtn.o)
endfunction()
