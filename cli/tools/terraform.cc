// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/shown_value.h"
#include "cli/text/wrap.h"
#include "cli/tools/json_file.h"
#include "cli/tools/link_file.h"
#include "cli/tools/tool.h"

#include <algorithm>

namespace patd::cli::tools {
namespace {
namespace terraform {

constexpr char kProgram[] = "terraform-credentials-pat";
constexpr char kHelper[] = "credentials_helper \"pat\"";
constexpr char kBegin[] =
    "# >>> patctl setup terraform; 'patctl setup terraform --undo' removes these lines";
constexpr char kEnd[] = "# <<< patctl setup terraform";
constexpr char kEveryHost[] = "every host";

std::optional<std::string> named_file() {
    const std::optional<std::string> file = variable("TF_CLI_CONFIG_FILE");
    return file ? file : variable("TERRAFORM_CONFIG");
}

std::filesystem::path terraform_file(const Surroundings& around) {
    const std::optional<std::string> file = named_file();
    return file ? path_of(around, *file) : around.home / ".terraformrc";
}

// What `terraform login` writes. terraform does not read it where a variable names its file.
std::filesystem::path login_file(const Surroundings& around) {
    return named_file() ? std::filesystem::path()
                        : around.home / ".terraform.d" / "credentials.tfrc.json";
}

// The hosts that have a token in it. What cannot be read has none.
std::vector<std::string> hosts_of_login(const std::filesystem::path& file) {
    std::vector<std::string> hosts;
    const Result<FlatText> flat =
        file.empty() ? Result<FlatText>(FlatText()) : read_flat(file, kJson);
    if (!flat)
        return hosts;
    constexpr std::string_view kSection = "credentials.";
    for (const auto& [name, value] : *flat) {
        if (!name.starts_with(kSection) || !name.ends_with(".token"))
            continue;
        std::string host = name.substr(kSection.size(), name.rfind('.') - kSection.size());
        std::erase(host, '"');
        hosts.push_back(std::move(host));
    }
    return hosts;
}

LinkChange link_for(const Surroundings& around, bool remove) {
    return {around.home / ".terraform.d" / "plugins" / kProgram, around.program(kProgram), "",
            remove};
}

// HCL as far as it must be understood to know where a block begins and ends at the top: comments,
// texts and brackets.
class HclBlocks {
  public:
    explicit HclBlocks(std::string_view text) : text_(text) {}

    Result<FlatText> read() {
        while (at_ < text_.size()) {
            if (!skip_comment() && !TRY(skip_text()) && !TRY(skip_here_text()))
                TRY(take());
        }
        if (depth_ != 0)
            return fault_at(text_, text_.size(), "a bracket is not closed");
        TRY(close_block());
        return std::move(flat_);
    }

  private:
    bool is_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }
    void skip_to(std::size_t end) { at_ = std::min(end, text_.size()); }
    bool skip_comment() {
        if (is_at("#") || is_at("//")) {
            skip_to(text_.find('\n', at_));
            return true;
        }
        if (!is_at("/*"))
            return false;
        const std::size_t end = text_.find("*/", at_ + 2);
        skip_to(end == std::string_view::npos ? end : end + 2);
        return true;
    }
    Result<bool> skip_text() {
        if (!is_at("\""))
            return false;
        const std::size_t begin = at_++;
        while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n')
            at_ += text_[at_] == '\\' ? 2 : 1;
        if (at_ >= text_.size() || text_[at_] != '"')
            return fault_at(text_, begin, "a text is not closed");
        ++at_;
        block_ += text_.substr(begin, at_ - begin);
        return true;
    }
    Result<bool> skip_here_text() {
        if (!is_at("<<"))
            return false;
        const std::size_t begin = at_;
        const std::size_t name = text_.find_first_not_of("<-", at_);
        const std::size_t end = std::min(text_.find_first_of("\r\n", name), text_.size());
        const std::string word(text_.substr(std::min(name, end), end - std::min(name, end)));
        std::size_t line = text_.find('\n', end);
        while (line != std::string_view::npos) {
            const std::size_t first = text_.find_first_not_of(" \t", line + 1);
            if (first != std::string_view::npos && text_.substr(first).starts_with(word)) {
                skip_to(first + word.size());
                block_ += text_.substr(begin, at_ - begin);
                return true;
            }
            line = text_.find('\n', line + 1);
        }
        return fault_at(text_, begin, "a text is not closed");
    }
    Result<void> take() {
        const char c = text_[at_++];
        const bool opens = c == '{' || c == '[' || c == '(';
        const bool closes = c == '}' || c == ']' || c == ')';
        if (closes && depth_ == 0)
            return fault_at(text_, at_ - 1, "a bracket is closed that was not opened");
        if (opens && ++depth_ > kToolFileDepth)
            return fault_at(text_, at_ - 1, "it is nested too deep");
        const bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (c == '\n' && depth_ == 0)
            return close_block();
        if (!is_blank)
            block_ += c;
        else if (!block_.empty() && block_.back() != ' ')
            block_ += ' ';
        if (closes)
            --depth_;
        return {};
    }
    // A block or attribute at the top, without its comments: its name, and what is in it.
    Result<void> close_block() {
        while (!block_.empty() && block_.back() == ' ')
            block_.pop_back();
        const std::size_t end = std::min(block_.find_first_of("{="), block_.size());
        std::string name = block_.substr(0, end);
        name.erase(name.find_last_not_of(' ') + 1);
        if (!name.empty() && !flat_.emplace(name, block_.substr(end)).second &&
            name.starts_with("credentials"))
            return fault_at(text_, at_, "a block comes twice");
        block_.clear();
        if (flat_.size() > kToolFileValues)
            return fault_at(text_, at_, "there are too many values");
        return {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::string block_{};
    FlatText flat_{};
};

const Format kHcl = {
    "HCL", [](std::string_view text) -> Result<FlatText> { return HclBlocks(text).read(); }, ""};

std::string other_helper(const FlatText& flat) {
    for (const auto& [name, value] : flat) {
        if (name.starts_with("credentials_helper") && name != kHelper)
            return name;
    }
    return {};
}

std::string with_block(const std::string& text) {
    const std::string eol(line_end_of(text));
    const std::string block = std::string(kBegin) + eol + kHelper + " {" + eol + "}" + eol + kEnd;
    return ends_open(text) ? text + eol + block : text + block + eol;
}

std::string without_block(const std::string& text) {
    const std::size_t begin = text.rfind(kBegin);
    const std::size_t mark = begin == std::string::npos ? begin : text.find(kEnd, begin);
    return mark == std::string::npos ? text : cut_lines(text, begin, end_of_line(text, mark));
}

std::string token_of_login(const std::string& host, const std::filesystem::path& file) {
    return "terraform uses the token for " + shown_value(host) + " in " +
           shown_file(file.string()) + " and does not ask patd there";
}

Result<Plan> plan_terraform(const Surroundings& around, const Order& order) {
    if (!order.names.empty())
        return Error{Errc::MalformedRequest, "terraform: it asks for every host; name none"};
    const std::filesystem::path file = terraform_file(around);
    const auto edit = [&](const std::string& text) -> Result<std::string> {
        const FlatText flat = TRY(kHcl.flatten(text));
        if (order.undo)
            return without_block(text);
        return flat.count(kHelper) != 0 || !other_helper(flat).empty() ? text : with_block(text);
    };
    Plan plan;
    plan.files.push_back(
        TRY(plan_change({file, kHcl, edit, [](const std::string& name) { return name == kHelper; },
                         around.record.has_made("terraform", file)})));
    const FlatText after = TRY(kHcl.flatten(plan.files.front().after.value_or("")));
    const bool is_set = after.count(kHelper) != 0;
    if (is_set)
        plan.places = {kEveryHost};
    if (is_set != order.undo)
        plan.links.push_back(link_for(around, order.undo));
    if (const std::string other = other_helper(after); !order.undo && !other.empty())
        plan.notes.push_back("terraform takes one helper alone, and " + shown_file(file.string()) +
                             " names another; take that out and run "
                             "this again");
    for (const auto& [name, value] : after) {
        if (!order.undo && name.starts_with("credentials \""))
            plan.notes.push_back("terraform uses the " + shown_value(name) + " in " +
                                 shown_file(file.string()) + " and does not ask patd there");
    }
    const std::filesystem::path login = login_file(around);
    for (const std::string& host : hosts_of_login(login)) {
        if (!order.undo)
            plan.notes.push_back(token_of_login(host, login) + "; import it, and log out:" +
                                 own_line("patctl import --from " + pasted(login)) +
                                 own_line("terraform logout " + pasted(host)));
    }
    return plan;
}

Result<Standing> look_at_terraform(const Surroundings& around) {
    Standing standing;
    const std::filesystem::path file = terraform_file(around);
    const FlatText flat = TRY(read_flat(file, kHcl));
    if (flat.count(kHelper) == 0) {
        standing.could = token_hosts(around);
        check_record(around, "terraform", "", standing);
        return standing;
    }
    standing.places = {kEveryHost};
    check_program(link_for(around, false).link.string(), "terraform", standing);
    for (const auto& [name, value] : flat) {
        if (name.starts_with("credentials \""))
            standing.troubles.push_back({false,
                                         "terraform uses the " + shown_value(name) + " in " +
                                             shown_file(file.string()) +
                                             " and does not ask patd there",
                                         "${EDITOR:-vi} " + pasted(file)});
    }
    const std::filesystem::path login = login_file(around);
    for (const std::string& host : hosts_of_login(login))
        standing.troubles.push_back(
            {false, token_of_login(host, login), "patctl import --from " + pasted(login)});
    return standing;
}

}  // namespace terraform
}  // namespace

const Tool kTerraform = {
    "terraform",
    "",
    "all hosts, in .terraformrc (credentials_helper)",
    "terraform",
    terraform::terraform_file,
    terraform::plan_terraform,
    terraform::look_at_terraform,
};

}  // namespace patd::cli::tools
