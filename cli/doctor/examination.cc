// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/examination.h"

#include "cli/doctor/config.h"
#include "cli/doctor/gateway.h"
#include "cli/doctor/git_helpers.h"
#include "cli/doctor/key.h"
#include "cli/doctor/pam_files.h"
#include "cli/doctor/permissions.h"
#include "cli/doctor/resources.h"
#include "cli/doctor/services.h"
#include "cli/doctor/tool_files.h"
#include "cli/doctor/units.h"

#include <algorithm>
#include <array>

namespace patd::cli::doctor {
namespace {

struct Check {
    const char* name;  // patctl(1) lists them
    bool of_own;       // it is made of a user's own service too
    void (*run)(const Machine&, const Answers&, Findings&);
};

// Whether something was found that the service does not start with.
bool has_cause(const Findings& findings) {
    return std::any_of(findings.all().begin(), findings.all().end(), [](const Finding& found) {
        const bool is_needed =
            found.text.starts_with("/etc/patd") || found.text.starts_with("/var/lib/patd");
        return found.severity == Severity::Error && (is_needed || found.check != "files");
    });
}

// What keeps the service from starting comes before the service itself, which then has no more to
// say than that.
constexpr std::array kChecks = {
    Check{"config", true,
          [](const Machine& machine, const Answers& answers, Findings& findings) {
              check_config(machine.root, machine.own_service, !answers.unreachable, findings);
          }},
    Check{"files", false,
          [](const Machine& machine, const Answers&, Findings& findings) {
              check_permissions(machine, findings);
          }},
    Check{"key", false,
          [](const Machine& machine, const Answers& answers, Findings& findings) {
              check_key(machine, answers.admin_status, findings);
          }},
    Check{"rollback", false,
          [](const Machine& machine, const Answers& answers, Findings& findings) {
              if (answers.admin_status)
                  check_rollback(machine, *answers.admin_status, findings);
              check_counter_socket(machine, findings);
          }},
    Check{"service", true,
          [](const Machine& machine, const Answers& answers, Findings& findings) {
              check_service(machine, answers.unreachable,
                            answers.unreachable && has_cause(findings), findings);
          }},
    Check{"password", false,
          [](const Machine& machine, const Answers& answers, Findings& findings) {
              check_service_password(machine, findings);
              if (!answers.status)
                  return;
              check_own_password(machine, *answers.status, findings);
              check_waits(*answers.status, findings);
          }},
    Check{"pam", false,
          [](const Machine& machine, const Answers&, Findings& findings) {
              check_pam_files(machine, findings);
          }},
    Check{"services", false,
          [](const Machine& machine, const Answers&, Findings& findings) {
              check_services(machine, findings);
          }},
    Check{"git", true,
          [](const Machine& machine, const Answers& answers, Findings& findings) {
              check_git(machine, answers.tokens, findings);
          }},
    Check{"tools", true,
          [](const Machine&, const Answers& answers, Findings& findings) {
              check_tools(answers.tokens, findings);
          }},
    Check{"http", false,
          [](const Machine& machine, const Answers&, Findings& findings) {
              check_http(machine, findings);
          }},
    Check{"gateway", false,
          [](const Machine& machine, const Answers& answers, Findings& findings) {
              if (answers.status && answers.has_tokens)
                  check_gateway(machine, *answers.status, answers.tokens, findings);
          }},
    Check{"clock", true,
          [](const Machine& machine, const Answers& answers, Findings& findings) {
              check_clock(machine, answers.newest_event, findings);
              if (answers.status)
                  check_clock_trust(*answers.status, findings);
          }},
    Check{"limits", true,
          [](const Machine&, const Answers& answers, Findings& findings) {
              if (!answers.status)
                  return;
              check_limited(*answers.status, findings);
              check_memory(*answers.status, findings);
          }},
    Check{"disk", false,
          [](const Machine& machine, const Answers&, Findings& findings) {
              check_disk(machine, findings);
          }},
    Check{"exposure", false,
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
    const Result<std::vector<client::Dictionary>> tokens = client->list();
    answers.has_tokens = tokens.has_value();
    if (tokens)
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
    if (machine.user.is_root() && !machine.own_service) {
        if (const Result<client::Dictionary> status = client->admin_status())
            answers.admin_status = *status;
    }
    return answers;
}

Findings examine(const Machine& machine, const Answers& answers) {
    Findings findings;
    for (const Check& check : kChecks) {
        if (machine.own_service && !check.of_own)
            continue;
        findings.begin(check.name);
        check.run(machine, answers, findings);
    }
    return findings;
}

}  // namespace patd::cli::doctor
