# SPDX-License-Identifier: LGPL-2.1-or-later
# The compilers of the releases that README.md names must all be silent. The presets make an error
# of a warning (CMAKE_COMPILE_WARNING_AS_ERROR), for nobody else.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion)
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
                    $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>)
