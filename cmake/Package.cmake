# SPDX-License-Identifier: LGPL-2.1-or-later
# The Debian packages, from the install rules: tools/package.sh builds them. patd is the service;
# the component `desktop` becomes patd-desktop, so that no server needs libsecret and GLib, and
# `http` becomes patd-http, so that only servers have a program that reads HTTP, and `gateway`
# patd-gateway, so that only machines with a gateway have nginx.
include(${CMAKE_CURRENT_LIST_DIR}/Manual.cmake)

# README.md for who has the package and no checkout: without what is marked so, and with links to
# what is installed beside it.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/README.md)
file(READ ${PROJECT_SOURCE_DIR}/README.md readme)
set(begin "<!-- only in a checkout -->\n")
set(end "<!-- end -->\n")
string(FIND "${readme}" "${begin}" from)
while(NOT from EQUAL -1)
  string(FIND "${readme}" "${end}" to)
  string(LENGTH "${end}" length)
  math(EXPR to "${to} + ${length}")
  string(SUBSTRING "${readme}" 0 ${from} before)
  string(SUBSTRING "${readme}" ${to} -1 after)
  set(readme "${before}${after}")
  string(FIND "${readme}" "${begin}" from)
endwhile()
string(REGEX REPLACE "\\[([^]]*)\\]\\(docs/man/[^)]*\\)" "\\1" readme "${readme}")
string(REPLACE "docs/" "" readme "${readme}")
file(WRITE ${PROJECT_BINARY_DIR}/doc/README.md "${readme}")
set(patd_documents SECURITY.md CHANGELOG.md docs/line-protocol.md docs/store-format.md
  docs/step-up-protocol.md docs/glossary.md docs/git-answers.md docs/keyrings.md
  docs/patctl.schema.json)
install(FILES ${PROJECT_BINARY_DIR}/doc/README.md ${patd_documents}
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES systemd/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES systemd/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}-desktop
  COMPONENT desktop)
install(FILES systemd/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}-http COMPONENT http)
install(FILES systemd/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}-gateway
  COMPONENT gateway)

# Where each shell looks for completions; everything in cli/completions goes there.
foreach(rule "bash:bash-completion/completions" "zsh:zsh/vendor-completions"
        "fish:fish/vendor_completions.d")
  string(REPLACE ":" ";" rule ${rule})
  list(GET rule 0 shell)
  list(GET rule 1 place)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/cli/completions/${shell}/*)
  install(FILES ${files} DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/${place})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME patd)
set(CPACK_PACKAGE_VENDOR "patd contributors")
set(CPACK_PACKAGE_CONTACT "patd contributors <patd@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "personal access tokens for every user of a machine")
set(CPACK_PACKAGE_DESCRIPTION
"patd keeps the personal access tokens of every user of a machine in a sealed
store, asks for a service password before anything sensitive, and hands a token
to git or to a script when it is needed.
It contains a D-Bus service, the command patctl, a credential helper for git and
a PAM module that lets services accept tokens as passwords.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/package)
set(CPACK_DEB_COMPONENT_INSTALL ON)
# Unspecified: files that name no component.
set(CPACK_COMPONENTS_ALL Unspecified desktop http gateway)
if(PATD_PAGE)
  list(APPEND CPACK_COMPONENTS_ALL cockpit)
endif()
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_NAME patd)
set(CPACK_DEBIAN_UNSPECIFIED_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_DESKTOP_PACKAGE_NAME patd-desktop)
set(CPACK_DEBIAN_DESKTOP_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_HTTP_PACKAGE_NAME patd-http)
set(CPACK_DEBIAN_HTTP_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_GATEWAY_PACKAGE_NAME patd-gateway)
set(CPACK_DEBIAN_GATEWAY_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_GATEWAY_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_COCKPIT_PACKAGE_NAME patd-cockpit)
set(CPACK_DEBIAN_COCKPIT_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COCKPIT_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_DEPENDS
  "systemd (>= 252), libseccomp2, dbus (>= 1.14) | dbus-broker, libpam-runtime, \
coreutils (>= 8.24), debconf (>= 0.5) | debconf-2.0")
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_RECOMMENDS
  "libtss2-esys-3.0.2-0, libtss2-rc0")
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_SUGGESTS "git, less, libpam-systemd, patd-desktop, patd-http, \
patd-gateway")
set(CPACK_DEBIAN_DESKTOP_PACKAGE_DEPENDS "patd (>= ${PROJECT_VERSION}), libpam-systemd")
set(CPACK_DEBIAN_HTTP_PACKAGE_DEPENDS "patd (>= ${PROJECT_VERSION}), systemd (>= 252)")
set(CPACK_DEBIAN_GATEWAY_PACKAGE_DEPENDS "patd (>= ${PROJECT_VERSION}), \
patd-http (>= ${PROJECT_VERSION}), nginx (>= 1.22), ca-certificates, systemd (>= 252)")
set(CPACK_DEBIAN_COCKPIT_PACKAGE_DEPENDS
  "patd (>= ${PROJECT_VERSION}), cockpit-bridge (>= 287)")
set(CPACK_DEBIAN_COCKPIT_PACKAGE_RECOMMENDS "cockpit-ws, cockpit-system")
set(CPACK_DEBIAN_DESKTOP_PACKAGE_RECOMMENDS
  "gnome-keyring | kwallet6 | libkf5wallet-bin | keepassxc")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# preinst compares a store with these, taken from their only place.
foreach(database STORE:tokens/token_columns.h AUDIT:audit/audit_sql.h)
  string(REGEX MATCH "^([A-Z]+):(.*)$" unused ${database})
  set(kind ${CMAKE_MATCH_1})
  file(STRINGS ${PROJECT_SOURCE_DIR}/daemon/store/${CMAKE_MATCH_2} line REGEX "PRAGMA user_version")
  if(NOT line MATCHES "user_version = ([0-9]+)")
    message(FATAL_ERROR "${database} does not say `PRAGMA user_version = N`")
  endif()
  set(${kind}_VERSION ${CMAKE_MATCH_1})
endforeach()
configure_file(systemd/debian/preinst.in ${PROJECT_BINARY_DIR}/debian/preinst @ONLY)
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/debian/preinst)
foreach(script postinst prerm postrm conffiles templates)
  list(APPEND CPACK_DEBIAN_UNSPECIFIED_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/systemd/debian/${script})
endforeach()
set(CPACK_DEBIAN_DESKTOP_PACKAGE_CONTROL_EXTRA
  ${PROJECT_SOURCE_DIR}/systemd/debian-desktop/conffiles)
foreach(script postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_HTTP_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/systemd/debian-http/${script})
  list(APPEND CPACK_DEBIAN_GATEWAY_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/systemd/debian-gateway/${script})
endforeach()
include(CPack)
cpack_add_component(Unspecified DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}")
cpack_add_component(desktop DESCRIPTION
"Per-user mode of patd: a service on the session bus that keeps a user's tokens,
sealed, in the keyring of the desktop.")
cpack_add_component(http DESCRIPTION
"Introspection (RFC 7662) and authorization of personal access tokens over HTTP,
for nginx, Caddy and other servers that cannot ask PAM.")
cpack_add_component(gateway DESCRIPTION
"A gateway to forges: nginx, set up so that programs reach GitHub, GitLab and
others with short-lived children of imported tokens, and never get the tokens.")
cpack_add_component(cockpit DESCRIPTION
"The token page for Cockpit: a person sees, makes, edits and deletes access
tokens in the browser, and sees who used them.")
