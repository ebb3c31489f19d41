// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// An NSS module that never answers, like a directory service whose server is gone: attacks_test.py
// gives it to a separate patd. It knows none of the local accounts, which are asked first.
#include <nss.h>
#include <pwd.h>
#include <unistd.h>

enum nss_status _nss_hang_getpwuid_r(uid_t uid, struct passwd* entry, char* buffer, size_t size,
                                     int* error);
enum nss_status _nss_hang_getpwnam_r(const char* name, struct passwd* entry, char* buffer,
                                     size_t size, int* error);

enum nss_status _nss_hang_getpwuid_r(uid_t uid, struct passwd* entry, char* buffer, size_t size,
                                     int* error) {
    (void)uid, (void)entry, (void)buffer, (void)size, (void)error;
    while (1)
        pause();
}

enum nss_status _nss_hang_getpwnam_r(const char* name, struct passwd* entry, char* buffer,
                                     size_t size, int* error) {
    (void)name, (void)entry, (void)buffer, (void)size, (void)error;
    while (1)
        pause();
}
