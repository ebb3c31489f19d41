// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/operations.h"
#include "pam_module/pam_codes.h"

#include <security/pam_modules.h>
#include <syslog.h>

namespace patd::pam {
namespace {

// The firewall: an exception that leaves a PAM module aborts the host: sshd or login crashes. Entry
// points cannot be noexcept themselves, because PAM's header declares them without.
template <typename Function>
int guard(int failure, Function&& function) noexcept {
    try {
        return function();
    } catch (...) {
        return failure;
    }
}

struct Arguments {
    int count;
    const char** values;
};

Result<ModuleOptions> options_of(const Arguments& arguments) {
    return parse_module_options({arguments.values, static_cast<std::size_t>(arguments.count)});
}

bool is_configuration_error(int code) {
    return code == PAM_SERVICE_ERR;
}

// Runs one entry point; failures are logged only here.
template <typename Operation>
int run(PamSession& session, const Arguments& arguments, int (*code_of)(Errc),
        Operation&& operation) {
    const Result<ModuleOptions> options = options_of(arguments);
    const Result<void> result = options ? operation(*options) : Result<void>(options.error());
    if (result)
        return PAM_SUCCESS;
    const int code = code_of(result.error().code);
    session.log(is_configuration_error(code) ? LOG_ERR : LOG_NOTICE, "refused", result.error());
    return code;
}

}  // namespace
}  // namespace patd::pam

using patd::pam::guard;
using patd::pam::ModuleOptions;
using patd::pam::PamSession;

extern "C" {

[[gnu::visibility("default")]] int pam_sm_authenticate(pam_handle_t* handle, int flags, int argc,
                                                       const char** argv) {
    // Not that the password is wrong: nobody knows.
    return guard(PAM_AUTHINFO_UNAVAIL, [&] {
        PamSession session(handle, flags);
        return patd::pam::run(
            session, {argc, argv}, patd::pam::authenticate_code, [&](const ModuleOptions& options) {
                return patd::pam::authenticate(session, options, patd::pam::line_endpoint());
            });
    });
}

// There are no credentials to set. Failing here would break stacks in which another module
// authenticated the user.
[[gnu::visibility("default")]] int pam_sm_setcred(pam_handle_t* /*handle*/, int /*flags*/,
                                                  int /*argc*/, const char** /*argv*/) {
    return PAM_SUCCESS;
}

[[gnu::visibility("default")]] int pam_sm_acct_mgmt(pam_handle_t* handle, int flags, int argc,
                                                    const char** argv) {
    return guard(PAM_PERM_DENIED, [&] {
        PamSession session(handle, flags);
        return patd::pam::run(
            session, {argc, argv}, patd::pam::account_code,
            [&](const ModuleOptions&) { return patd::pam::check_account(session); });
    });
}

[[gnu::visibility("default")]] int pam_sm_chauthtok(pam_handle_t* handle, int flags, int argc,
                                                    const char** argv) {
    return guard(PAM_AUTHTOK_ERR, [&] {
        PamSession session(handle, flags);
        return patd::pam::run(session, {argc, argv}, patd::pam::change_code,
                              [&](const ModuleOptions& options) {
                                  return patd::pam::change_password(session, options);
                              });
    });
}

}  // extern "C"
