// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/examination.h"

#include "cli/doctor/git_helpers.h"
#include "cli/doctor/key.h"
#include "cli/doctor/pam_files.h"
#include "cli/doctor/permissions.h"
#include "cli/doctor/resources.h"
#include "cli/doctor/services.h"
#include "cli/doctor/units.h"

#include <array>

namespace patd::cli::doctor {
namespace {

struct Check {
    const char* name;  // patctl(1) lists them
    void (*run)(const Machine&, const Answers&, Findings&);
};

constexpr std::array kChecks = {
    Check{"service",
          [](const Machine& machine, const Answers& answers, Findings& findings) {
              check_service(machine, answers.unreachable, findings);
          }},
    Check{"files", [](const Machine& machine, const Answers&,
                      Findings& findings) { check_permissions(machine, findings); }},
    Check{"key", [](const Machine& machine, const Answers& answers,
                    Findings& findings) { check_key(machine, answers.admin_status, findings); }},
    Check{"password", [](const Machine& machine, const Answers&,
                         Findings& findings) { check_service_password(machine, findings); }},
    Check{"pam", [](const Machine& machine, const Answers&,
                    Findings& findings) { check_pam_files(machine, findings); }},
    Check{"services", [](const Machine& machine, const Answers&,
                         Findings& findings) { check_services(machine, findings); }},
    Check{"git", [](const Machine& machine, const Answers& answers,
                    Findings& findings) { check_git(machine, answers.tokens, findings); }},
    Check{"clock",
          [](const Machine& machine, const Answers& answers, Findings& findings) {
              check_clock(machine, answers.newest_event, findings);
              if (answers.status)
                  check_clock_trust(*answers.status, findings);
          }},
    Check{"limits",
          [](const Machine&, const Answers& answers, Findings& findings) {
              if (!answers.status)
                  return;
              check_limited(*answers.status, findings);
              check_memory(*answers.status, findings);
          }},
    Check{"disk", [](const Machine& machine, const Answers&,
                     Findings& findings) { check_disk(machine, findings); }},
    Check{"exposure",
          [](const Machine& machine, const Answers&, Findings& findings) {
              check_exposure(machine, findings);
              check_filter(machine, findings);
          }},
};

}  // namespace

Answers ask_service(const Machine& machine, Result<client::TokensClient> client) {
    Answers answers;
    if (!client) {
        answers.unreachable = client.error();
        return answers;
    }
    if (const Result<std::vector<client::Dictionary>> tokens = client->list())
        answers.tokens = *tokens;
    else if (tokens.error().code == Errc::Unavailable)
        answers.unreachable = tokens.error();
    if (const Result<client::Dictionary> status = client->status())
        answers.status = *status;
    client::Dictionary newest;
    newest.set("limit", std::uint32_t{1});
    const Result<std::vector<client::Dictionary>> events = client->list_events(newest);
    if (events && !events->empty())
        answers.newest_event = events->front().time("at");
    if (machine.user.is_root()) {
        if (const Result<client::Dictionary> status = client->admin_status())
            answers.admin_status = *status;
    }
    return answers;
}

Findings examine(const Machine& machine, const Answers& answers) {
    Findings findings;
    for (const Check& check : kChecks) {
        findings.begin(check.name);
        check.run(machine, answers, findings);
    }
    return findings;
}

}  // namespace patd::cli::doctor
