// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/messages.h"

#include "common/base/limits.h"
#include "common/base/tool_limits.h"
#include "common/json/json_reader.h"

#include <algorithm>
#include <array>

namespace patd::cli {
namespace {

constexpr std::string_view kArguments = "arguments.";

struct TextRow {
    std::string_view path;
    std::optional<std::string> Arguments::*member;
};
constexpr std::array kTexts = {
    TextRow{"arguments.audience", &Arguments::audience},
    TextRow{"arguments.confirm", &Arguments::confirm},
    TextRow{"arguments.description", &Arguments::description},
    TextRow{"arguments.expires", &Arguments::expires},
    TextRow{"arguments.file", &Arguments::file},
    TextRow{"arguments.for", &Arguments::duration},
    TextRow{"arguments.format", &Arguments::format},
    TextRow{"arguments.id", &Arguments::id},
    TextRow{"arguments.owner", &Arguments::owner},
    TextRow{"arguments.permission", &Arguments::permission},
    TextRow{"arguments.user", &Arguments::user},
    TextRow{"arguments.username", &Arguments::username},
};

struct FlagRow {
    std::string_view path;
    std::optional<bool> Arguments::*member;
};
constexpr std::array kFlags = {
    FlagRow{"arguments.insecure_http", &Arguments::insecure_http},
    FlagRow{"arguments.reinstate", &Arguments::reinstate},
    FlagRow{"arguments.skip", &Arguments::skip},
    FlagRow{"arguments.through_gateway", &Arguments::through_gateway},
};

struct ListRow {
    std::string_view path;
    std::optional<std::vector<std::string>> Arguments::*member;
    std::size_t most;
};
constexpr std::array kLists = {
    ListRow{"arguments.ids", &Arguments::ids, limits::kTokensPerUser},
    ListRow{"arguments.only_units", &Arguments::only_units, limits::kRulesPerToken},
    ListRow{"arguments.permissions", &Arguments::permissions, limits::kPermissionsPerToken},
    ListRow{"arguments.targets", &Arguments::targets, limits::kTargetsPerToken},
};

// The keys of a message that are no arguments; which type has which.
enum Key : std::size_t { kType, kOperation, kLanguage, kDryRun, kPrompt, kText, kKeys };
constexpr std::array<JsonField, kKeys> kOwnFields = {{{"type"},
                                                      {"operation"},
                                                      {"language"},
                                                      {"dry_run", JsonKind::Flag},
                                                      {"prompt", JsonKind::Number},
                                                      {"text"}}};

std::string_view argument_of(std::string_view path) {
    return path.substr(path.starts_with(kArguments) ? kArguments.size() : 0);
}

// All that a message may have, and where it is put.
class Reading {
  public:
    Reading() {
        std::copy(kOwnFields.begin(), kOwnFields.end(), fields_.begin());
        auto field = fields_.begin() + kKeys;
        for (const TextRow& row : kTexts)
            *field++ = {row.path};
        for (const FlagRow& row : kFlags)
            *field++ = {row.path, JsonKind::Flag};
        for (std::size_t i = 0; i < kLists.size(); ++i) {
            rooms_[i].resize(kLists[i].most);
            lists_[i] = {kLists[i].path, rooms_[i]};
        }
    }

    bool read(std::span<char> line, Faults& faults) {
        JsonShape shape{.fields = fields_, .lists = lists_, .is_whole = true};
        const Result<void> done = read_json(line, shape);
        if (done)
            return true;
        const Errc code = done.error().code;
        const char* const text =
            code == Errc::UnknownOption   ? "the message has a key that no message has"
            : code == Errc::LimitExceeded ? "the list has more values than there may be"
            : shape.fault.empty()         ? "the line is no JSON object, or has a key twice"
                                          : "the value is of another type";
        faults.push_back(fault_of_program(code, text, argument_of(shape.fault)));
        return false;
    }

    const JsonField& operator[](Key key) const { return fields_[key]; }

    // Whether a key is there that is none of `keys`, or of the arguments where these are `allowed`.
    bool has_other(std::initializer_list<Key> keys, bool arguments_are_allowed) const {
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const bool is_own = i < kKeys;
            const bool is_allowed =
                is_own ? std::find(keys.begin(), keys.end(), i) != keys.end() || i == kType
                       : arguments_are_allowed;
            if (fields_[i].found && !is_allowed)
                return true;
        }
        return !arguments_are_allowed &&
               std::any_of(lists_.begin(), lists_.end(),
                           [](const JsonList& list) { return list.found; });
    }

    void take_arguments(Begin& begin) const {
        auto field = fields_.begin() + kKeys;
        for (const TextRow& row : kTexts) {
            if (field->found)
                begin.arguments.*row.member = std::string(field->value);
            note(*field++, begin);
        }
        for (const FlagRow& row : kFlags) {
            if (field->found)
                begin.arguments.*row.member = field->value == "true";
            note(*field++, begin);
        }
        for (std::size_t i = 0; i < kLists.size(); ++i) {
            const JsonList& list = lists_[i];
            if (list.found)
                begin.arguments.*kLists[i].member = std::vector<std::string>(
                    list.room.begin(), list.room.begin() + static_cast<std::ptrdiff_t>(list.count));
            note(list, begin);
        }
    }

  private:
    template <typename T>
    static void note(const T& wanted, Begin& begin) {
        if (wanted.found)
            begin.named.push_back(wanted.path.substr(kArguments.size()));
    }

    std::array<JsonField, kKeys + kTexts.size() + kFlags.size()> fields_;
    std::array<JsonList, kLists.size()> lists_;
    std::array<std::vector<std::string_view>, kLists.size()> rooms_;
};

bool is_language_tag(std::string_view text) {
    return !text.empty() && text.size() <= limits::kLanguageTagBytes &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

std::optional<Message> take_begin(const Reading& reading, Faults& faults) {
    if (!reading[kOperation].found)
        faults.push_back(
            fault_of_program(Errc::MalformedRequest, "begin needs an operation", "operation"));
    if (reading[kLanguage].found && !is_language_tag(reading[kLanguage].value))
        faults.push_back(
            fault_of_program(Errc::MalformedRequest, "this is no language tag", "language"));
    if (!faults.empty())
        return std::nullopt;
    Begin begin;
    begin.operation = reading[kOperation].value;
    begin.dry_run = reading[kDryRun].value == "true";
    reading.take_arguments(begin);
    return begin;
}

std::optional<Message> take_answer(const Reading& reading, Faults& faults) {
    const std::string_view text = reading[kText].value;
    if (!reading[kPrompt].found || !reading[kText].found)
        faults.push_back(
            fault_of_program(Errc::MalformedRequest, "an answer needs a prompt and a text"));
    else if (text.find('\0') != std::string_view::npos)
        faults.push_back(
            fault_of_program(Errc::MalformedRequest, "an answer has no character NUL", "text"));
    else
        return Answer{reading[kPrompt].value, text};
    return std::nullopt;
}

}  // namespace

std::optional<Message> parse_message(std::span<char> line, Faults& faults) {
    Reading reading;
    if (!reading.read(line, faults))
        return std::nullopt;
    const std::string_view type = reading[kType].value;
    const bool is_begin = type == "begin";
    const bool is_answer = type == "answer";
    if (!is_begin && !is_answer && type != "acknowledge" && type != "cancel")
        faults.push_back(fault_of_program(
            Errc::MalformedRequest, "a message is begin, answer, acknowledge or cancel", "type"));
    else if (is_begin    ? reading.has_other({kOperation, kLanguage, kDryRun}, true)
             : is_answer ? reading.has_other({kPrompt, kText}, false)
                         : reading.has_other({}, false))
        faults.push_back(
            fault_of_program(Errc::UnknownOption, "the message has a key of another message"));
    if (!faults.empty())
        return std::nullopt;
    if (is_begin)
        return take_begin(reading, faults);
    if (is_answer)
        return take_answer(reading, faults);
    return type == "cancel" ? std::optional<Message>(Cancel{}) : Acknowledge{};
}

}  // namespace patd::cli
