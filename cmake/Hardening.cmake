# SPDX-License-Identifier: LGPL-2.1-or-later
add_compile_options(-fstack-protector-strong -ftrivial-auto-var-init=zero -fcf-protection)
add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_options(-g1 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
