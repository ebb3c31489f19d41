# SPDX-License-Identifier: LGPL-2.1-or-later
# All of them are required: nothing is built with a part missing.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(sqlite REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(crypto REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(crypt REQUIRED IMPORTED_TARGET libcrypt)
pkg_check_modules(pam REQUIRED IMPORTED_TARGET pam)
pkg_check_modules(cmocka REQUIRED IMPORTED_TARGET cmocka)
pkg_check_modules(pamtest REQUIRED IMPORTED_TARGET libpamtest)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
