// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/io/process.h"
#include "tests/cli/doctor/machine_fixture.h"

#include <string>
#include <vector>

namespace patd::cli::doctor {

inline constexpr char kTokenRule[] =
    "auth required pam_pat.so token permission=host:login:rw audience=https://host.example\n";
inline constexpr char kAccountRule[] = "account required pam_pat.so\n";

// A machine whose services are looked at by `check`, and a shell that runs what the findings print.
class ServicesFixture : public MachineTest {
  protected:
    using Check = void (*)(const Machine&, Findings&);
    explicit ServicesFixture(Check check) : check_(check) {}

    void put_stack(const std::string& service, const std::string& rules = kTokenRule) const {
        put("/etc/pam.d/" + service, rules);
    }
    std::vector<Finding> find() const {
        Findings findings;
        check_(machine_, findings);
        return findings.all();
    }
    std::string found() const {
        Findings findings;
        check_(machine_, findings);
        return text_of(findings);
    }
    // Runs each command as it was printed, on the files of the test and without any unit.
    void fix() const {
        for (const Finding& finding : find()) {
            std::string command = finding.fix;
            for (std::size_t at = command.find("/etc/"); at != std::string::npos;
                 at = command.find("/etc/", at + machine_.root.size() + 1))
                command.insert(at, machine_.root);
            const std::string before = "sudo() { \"$@\"; }; systemctl() { :; }; set -e; ";
            EXPECT_EQ(run_process({"bash", "-c", before + command}).value().status, 0) << command;
        }
    }
    std::string text(const std::string& path) const {
        return read_text(machine_, path).value_or("");
    }

    Check check_;
};

}  // namespace patd::cli::doctor
