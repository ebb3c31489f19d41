// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
// A second factor for converse_test.py: an info, then a prompt with echo, whose answer is 123456.
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdlib.h>
#include <string.h>

int pam_sm_authenticate(pam_handle_t* pam, int flags, int argc, const char** argv) {
    (void)flags;
    (void)argc;
    (void)argv;
    char* code = NULL;
    if (pam_info(pam, "Look at your second factor") != PAM_SUCCESS ||
        pam_prompt(pam, PAM_PROMPT_ECHO_ON, &code, "Code: ") != PAM_SUCCESS || code == NULL)
        return PAM_CONV_ERR;
    const int is_right = strcmp(code, "123456") == 0;
    free(code);
    if (!is_right)
        pam_error(pam, "This is not the code");
    return is_right ? PAM_SUCCESS : PAM_AUTH_ERR;
}

int pam_sm_setcred(pam_handle_t* pam, int flags, int argc, const char** argv) {
    (void)pam;
    (void)flags;
    (void)argc;
    (void)argv;
    return PAM_SUCCESS;
}
