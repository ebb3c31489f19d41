// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
// The C ABI of pam_pat.so, driven by libpamtest under pam_wrapper: what a PAM application in C
// sees. It makes a separate password file, with its own call to libcrypt.
#include <crypt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// cmocka.h uses what the headers above declare.
// clang-format off
#include <cmocka.h>
#include <libpamtest.h>
// clang-format on

#define USER "daemon"
#define USER_UID "1"
#define OLD "correct horse"
#define NEW "battery staple"

static char directory[] = "/tmp/patd-cmocka-XXXXXX";

static void require(int condition, const char* what) {
    if (!condition) {
        perror(what);
        _exit(EXIT_FAILURE);
    }
}

static void write_file(const char* name, const char* text) {
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE* file = fopen(path, "w");
    require(file != NULL, path);
    require(fputs(text, file) >= 0, path);
    require(fclose(file) == 0, path);
    require(chmod(path, 0600) == 0, path);
}

static void write_password(const char* password) {
    char text[1024];
    const char* setting = crypt_gensalt("$y$", 1, NULL, 0);
    require(setting != NULL, "crypt_gensalt");
    const char* hash = crypt(password, setting);
    require(hash != NULL, "crypt");
    snprintf(text, sizeof(text), "version=1\nuid=" USER_UID "\nuser=" USER "\nhash=%s\nchanged=1\n",
             hash);
    write_file("state/passwords/" USER_UID, text);
}

static void make_directory(const char* name) {
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    require(mkdir(path, 0700) == 0, path);
}

static void write_services(void) {
    char lines[1024];
    snprintf(lines, sizeof(lines),
             "auth required %s password backend=file cost=1 state_directory=%s/state\n"
             "account required %s\n"
             "password required %s password backend=file cost=1 state_directory=%s/state\n",
             PATD_MODULE, directory, PATD_MODULE, PATD_MODULE, directory);
    write_file("services/patd-test", lines);
    snprintf(lines, sizeof(lines),
             "auth required %s no-such-argument\nauth optional pam_permit.so\n", PATD_MODULE);
    write_file("services/patd-broken", lines);
}

// pam_wrapper copies the services when it is loaded, so the program writes its files and restarts
// itself.
static void restart_with_services(char** argv) {
    if (getenv("PATD_CMOCKA_DIRECTORY") != NULL)
        return;
    require(mkdtemp(directory) != NULL, "mkdtemp");
    make_directory("services");
    make_directory("state");
    make_directory("state/passwords");
    write_password(OLD);
    write_services();
    char services[256];
    snprintf(services, sizeof(services), "%s/services", directory);
    setenv("PATD_CMOCKA_DIRECTORY", directory, 1);
    setenv("PAM_WRAPPER", "1", 1);
    setenv("PAM_WRAPPER_SERVICE_DIR", services, 1);
    setenv("LD_PRELOAD", PAM_WRAPPER_LIBRARY, 1);
    // For AddressSanitizer, which would insist on being the first library and forbid RTLD_DEEPBIND.
    setenv("UID_WRAPPER_DISABLE_DEEPBIND", "1", 1);
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    execv("/proc/self/exe", argv);
    require(0, "execv");
}

static int remove_files(void** state) {
    (void)state;
    char command[300];
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    unsetenv("LD_PRELOAD");
    return system(command);
}

static void check(const char* service, const char** answers, struct pam_testcase* tests,
                  size_t count) {
    struct pamtest_conv_data conversation = {.in_echo_off = answers};
    const enum pamtest_err result = _pamtest(service, USER, &conversation, tests, count, NULL);
    assert_int_equal(result, PAMTEST_ERR_OK);
}

static void accepts_the_right_password(void** state) {
    (void)state;
    const char* answers[] = {OLD, NULL};
    struct pam_testcase tests[] = {
        pam_test(PAMTEST_AUTHENTICATE, PAM_SUCCESS),
        pam_test(PAMTEST_SETCRED, PAM_SUCCESS),
        pam_test(PAMTEST_ACCOUNT, PAM_SUCCESS),
    };
    check("patd-test", answers, tests, 3);
}

static void refuses_a_wrong_password(void** state) {
    (void)state;
    const char* answers[] = {"wrong horse", NULL};
    struct pam_testcase tests[] = {pam_test(PAMTEST_AUTHENTICATE, PAM_AUTH_ERR)};
    check("patd-test", answers, tests, 1);
}

static void refuses_an_account_that_nobody_authenticated(void** state) {
    (void)state;
    const char* answers[] = {NULL};
    struct pam_testcase tests[] = {pam_test(PAMTEST_ACCOUNT, PAM_PERM_DENIED)};
    check("patd-test", answers, tests, 1);
}

static void refuses_a_bad_configuration(void** state) {
    (void)state;
    const char* answers[] = {OLD, NULL};
    struct pam_testcase tests[] = {pam_test(PAMTEST_AUTHENTICATE, PAM_SERVICE_ERR)};
    check("patd-broken", answers, tests, 1);
}

static void changes_the_password(void** state) {
    (void)state;
    const char* change[] = {OLD, NEW, NEW, NULL};
    struct pam_testcase change_tests[] = {pam_test(PAMTEST_CHAUTHTOK, PAM_SUCCESS)};
    check("patd-test", change, change_tests, 1);
    const char* old_one[] = {OLD, NULL};
    struct pam_testcase old_tests[] = {pam_test(PAMTEST_AUTHENTICATE, PAM_AUTH_ERR)};
    check("patd-test", old_one, old_tests, 1);
    const char* new_one[] = {NEW, NULL};
    struct pam_testcase new_tests[] = {pam_test(PAMTEST_AUTHENTICATE, PAM_SUCCESS)};
    check("patd-test", new_one, new_tests, 1);
}

int main(int argc, char** argv) {
    (void)argc;
    restart_with_services(argv);
    snprintf(directory, sizeof(directory), "%s", getenv("PATD_CMOCKA_DIRECTORY"));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_the_right_password),
        cmocka_unit_test(refuses_a_wrong_password),
        cmocka_unit_test(refuses_an_account_that_nobody_authenticated),
        cmocka_unit_test(refuses_a_bad_configuration),
        cmocka_unit_test(changes_the_password),
    };
    return cmocka_run_group_tests(tests, NULL, remove_files);
}
