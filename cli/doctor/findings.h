// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <string>
#include <vector>

namespace patd::cli::doctor {

enum class Severity {
    Error,    // it does not work, or a secret is not safe
    Warning,  // it works, but not as it should
    Note,     // worth knowing; nothing has to be done
};

// "error", "warning", "note".
const char* severity_name(Severity severity);

struct Finding {
    Severity severity;
    std::string check;  // which check found it: the first column of `patctl doctor`
    std::string text;   // one sentence without its stop
    std::string fix;    // the exact command; words in capitals are to be replaced
};

// What the checks found so far. What could not be looked at is remembered too, because a check that
// saw nothing must not read as one that found nothing.
class Findings {
  public:
    // Everything from now on was found by this check.
    void begin(std::string check) { check_ = std::move(check); }

    void error(std::string text, std::string fix) { add(Severity::Error, text, fix); }
    void warn(std::string text, std::string fix) { add(Severity::Warning, text, fix); }
    void note(std::string text, std::string fix) { add(Severity::Note, text, fix); }
    void hide(std::string what) { hidden_.push_back(std::move(what)); }

    const std::vector<Finding>& all() const { return findings_; }
    const std::vector<std::string>& hidden() const { return hidden_; }
    // How many errors and warnings there are.
    int count() const;

  private:
    void add(Severity severity, std::string& text, std::string& fix) {
        findings_.push_back({severity, check_, std::move(text), std::move(fix)});
    }

    std::string check_;
    std::vector<Finding> findings_;
    std::vector<std::string> hidden_;
};

}  // namespace patd::cli::doctor
