# SPDX-License-Identifier: LGPL-2.1-or-later
# All of them are required: nothing is built with a part missing. Missing ones are reported at once,
# with their Debian package names.
find_package(PkgConfig)
if(NOT PkgConfig_FOUND)
  message(FATAL_ERROR "pkg-config is missing; on Debian: apt install pkg-config")
endif()
set(patd_missing)

# patd_need(NAME MODULE PACKAGE): pkg-config's MODULE, as the target PkgConfig::NAME.
macro(patd_need name module package)
  pkg_check_modules(${name} QUIET IMPORTED_TARGET ${module})
  if(NOT ${name}_FOUND)
    list(APPEND patd_missing ${package})
  endif()
endmacro()

# patd_need_package(NAME PACKAGE): what CMake itself can find.
macro(patd_need_package name package)
  find_package(${name} QUIET)
  if(NOT ${name}_FOUND)
    list(APPEND patd_missing ${package})
  endif()
endmacro()

find_package(Threads REQUIRED)
patd_need(systemd libsystemd libsystemd-dev)
patd_need(sqlite sqlite3 libsqlite3-dev)
patd_need(crypto libcrypto libssl-dev)
patd_need(secret libsecret-1 libsecret-1-dev)
patd_need(crypt libcrypt libcrypt-dev)
# Debian 13's pam.pc needs audit's, which libpam0g-dev does not install there.
patd_need(pam pam "libpam0g-dev;libaudit-dev")
patd_need(yaml yaml-0.1 libyaml-dev)
patd_need_package(nlohmann_json nlohmann-json3-dev)
patd_need_package(CLI11 libcli11-dev)
# Headers alone; their CMake files differ from release to release.
find_path(PATD_RAPIDJSON rapidjson/reader.h)
if(NOT PATD_RAPIDJSON)
  list(APPEND patd_missing rapidjson-dev)
endif()
find_path(PATD_TOMLPLUSPLUS toml++/toml.h)
if(NOT PATD_TOMLPLUSPLUS)
  list(APPEND patd_missing libtomlplusplus-dev)
endif()
find_path(PATD_BEAST boost/beast/http/basic_parser.hpp)
if(NOT PATD_BEAST)
  list(APPEND patd_missing libboost-dev)
endif()
if(BUILD_TESTING)
  patd_need_package(GTest libgtest-dev)
  patd_need(cmocka cmocka libcmocka-dev)
  patd_need(pamtest libpamtest libpamtest0-dev)
endif()
if(NOT PATD_SANITIZE)  # the helper's libc
  find_file(PATD_MUSL_LIBC libc.a PATHS /usr/lib/${CMAKE_SYSTEM_PROCESSOR}-linux-musl
    NO_DEFAULT_PATH)
  if(NOT PATD_MUSL_LIBC)
    list(APPEND patd_missing musl-dev)
  endif()
endif()
if(patd_missing)
  list(JOIN patd_missing " " patd_missing)
  message(FATAL_ERROR "Some of what patd is built with is missing; on Debian: "
    "apt install ${patd_missing}")
endif()
