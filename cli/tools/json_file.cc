// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/json_file.h"

#include <rapidjson/reader.h>

#include <algorithm>
#include <set>
#include <utility>

namespace patd::cli::tools {
namespace {

constexpr std::string_view kJsonBlank = " \t\r\n";

// Where a value stands in the text, with its key before it.
struct JsonSpot {
    std::size_t key = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string name{};  // the last part
    std::vector<JsonSpot> members{};
    bool is_object = false;
    std::string text{};  // of a text value
};

// Not rapidjson's own, of which it makes a copy while it reads a text, so that nobody else knows
// how far it is. Behind the end it has the zero that rapidjson looks for.
class JsonStream {
  public:
    using Ch = char;  // NOLINT(readability-identifier-naming): rapidjson's name

    explicit JsonStream(std::string_view text) : text_(text) {}
    // NOLINTBEGIN(readability-identifier-naming): rapidjson's names
    char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    char Take() {
        const char c = Peek();
        ++at_;
        return c;
    }
    std::size_t Tell() const { return std::min(at_, text_.size()); }
    // Only for who parses in place.
    static char* PutBegin() { return nullptr; }
    static void Put(char /*unused*/) {}
    static void Flush() {}
    static std::size_t PutEnd(const char* /*unused*/) { return 0; }
    // NOLINTEND(readability-identifier-naming)

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

// rapidjson says what comes, and its stream where that ends.
class JsonHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, JsonHandler> {
  public:
    JsonHandler(std::string_view text, const JsonStream& stream) : text_(text), stream_(stream) {}

    JsonSpot root{};
    FlatText flat{};
    std::string fault{};

    bool Default() { return add(raw(), {}); }
    bool RawNumber(const char*, rapidjson::SizeType, bool) { return add(raw(), {}); }
    bool String(const char* bytes, rapidjson::SizeType size, bool) {
        return add(raw(), std::string(bytes, size));
    }
    bool Key(const char* bytes, rapidjson::SizeType size, bool) {
        Frame& frame = frames_.back();
        const std::string key(bytes, size);
        if (!frame.keys.insert(key).second)
            return refuse("a key comes twice");
        frame.key = begin();
        frame.key_text = key;
        last_ = stream_.Tell();
        return true;
    }
    bool StartObject() { return enter(true); }
    bool StartArray() { return enter(false); }
    bool EndObject(rapidjson::SizeType) { return leave(); }
    bool EndArray(rapidjson::SizeType) { return leave(); }

  private:
    struct Frame {
        JsonSpot spot;
        std::string name;  // of the container, whole
        std::set<std::string> keys{};
        std::size_t key = 0;  // of the member that is read
        std::string key_text{};
        std::size_t items = 0;
    };

    bool refuse(const char* why) {
        fault = why;
        return false;
    }
    std::size_t begin() const {
        return std::min(text_.find_first_not_of(" \t\r\n,:", last_), text_.size());
    }
    std::string raw() const { return std::string(text_.substr(begin(), stream_.Tell() - begin())); }
    std::string name_here() {
        if (frames_.empty())
            return {};
        Frame& frame = frames_.back();
        return frame.spot.is_object ? join_name(frame.name, frame.key_text)
                                    : join_index(frame.name, frame.items++);
    }
    void keep(JsonSpot spot) {
        last_ = spot.end;
        if (frames_.empty()) {
            root = std::move(spot);
            return;
        }
        Frame& frame = frames_.back();
        if (!frame.spot.is_object)
            return;
        spot.key = frame.key;
        spot.name = frame.key_text;
        frame.spot.members.push_back(std::move(spot));
    }
    bool add(const std::string& shown, std::string text) {
        if (flat.size() >= kToolFileValues)
            return refuse("there are too many values");
        JsonSpot spot;
        spot.begin = begin();
        spot.end = stream_.Tell();
        spot.text = std::move(text);
        flat.emplace(name_here(), shown);
        keep(std::move(spot));
        return true;
    }
    bool enter(bool is_object) {
        if (frames_.size() >= kToolFileDepth)
            return refuse("it is nested too deep");
        Frame frame;
        frame.name = name_here();
        frame.spot.is_object = is_object;
        frame.spot.begin = stream_.Tell() - 1;
        last_ = stream_.Tell();
        frames_.push_back(std::move(frame));
        return true;
    }
    bool leave() {
        Frame frame = std::move(frames_.back());
        frames_.pop_back();
        frame.spot.end = stream_.Tell();
        const bool is_empty = frame.spot.is_object ? frame.spot.members.empty() : frame.items == 0;
        if (is_empty && !frames_.empty())
            flat.emplace(frame.name, frame.spot.is_object ? "{}" : "[]");
        keep(std::move(frame.spot));
        return true;
    }

    std::string_view text_;
    const JsonStream& stream_;
    std::size_t last_ = 0;  // where the value, key or bracket before this one ends
    std::vector<Frame> frames_{};
};

struct JsonText {
    FlatText flat;
    JsonSpot root;
};

Result<JsonText> read_json(std::string_view text) {
    if (text.find('\0') != std::string_view::npos)
        return Error{Errc::BadFile, "it is not JSON"};
    JsonStream stream(text);
    JsonHandler handler(text, stream);
    rapidjson::Reader reader;
    constexpr unsigned kFlags =
        rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
    if (!reader.Parse<kFlags>(stream, handler))
        return fault_at(text, reader.GetErrorOffset(),
                        handler.fault.empty() ? "it is not JSON" : handler.fault);
    if (!handler.root.is_object)
        return Error{Errc::BadFile, "it holds something else than an object"};
    return JsonText{std::move(handler.flat), std::move(handler.root)};
}

const JsonSpot* find_member(const JsonSpot& object, std::string_view key) {
    const auto found = std::find_if(object.members.begin(), object.members.end(),
                                    [&](const JsonSpot& member) { return member.name == key; });
    return found == object.members.end() ? nullptr : &*found;
}

// The blanks before a key, from the line's end on.
std::string blanks_before(const std::string& text, std::size_t at) {
    const std::size_t last =
        at == 0 ? std::string::npos : text.find_last_not_of(kJsonBlank, at - 1);
    const std::size_t from = last == std::string::npos ? 0 : last + 1;
    return text.substr(from, at - from);
}

// What is put before a member of an object that has none yet, and behind it.
std::pair<std::string, std::string> blanks_inside(const std::string& text, const JsonSpot& root,
                                                  bool is_root) {
    const std::string eol(line_end_of(text));
    const std::string first =
        root.members.empty() ? eol + "\t" : blanks_before(text, root.members.front().key);
    const std::size_t end = first.rfind('\n');
    if (end == std::string::npos)
        return {"", ""};
    const std::string unit = first.substr(end + 1);
    return is_root ? std::pair(eol + unit, eol) : std::pair(eol + unit + unit, eol + unit);
}

void put_member(std::string& text, const JsonSpot& root, const JsonSpot& object,
                const std::string& member) {
    if (!object.members.empty()) {
        const JsonSpot& last = object.members.back();
        text.insert(last.end, "," + blanks_before(text, last.key) + member);
        return;
    }
    const auto [before, behind] = blanks_inside(text, root, &root == &object);
    text.replace(object.begin + 1, object.end - object.begin - 2, before + member + behind);
}

void cut_member(std::string& text, const JsonSpot& object, const JsonSpot& member) {
    const auto at = static_cast<std::size_t>(&member - object.members.data());
    if (object.members.size() == 1)
        text.erase(object.begin + 1, object.end - object.begin - 2);
    else if (at + 1 < object.members.size())
        text.erase(member.key, object.members[at + 1].key - member.key);
    else
        text.erase(object.members[at - 1].end, member.end - object.members[at - 1].end);
}

std::string json_quoted(std::string_view text) {
    return std::string("\"").append(text).append("\"");
}

}  // namespace

const Format kJson = {
    "JSON",
    [](std::string_view text) -> Result<FlatText> { return std::move(TRY(read_json(text)).flat); },
    "{}\n"};

Result<std::string> with_member(const std::string& text, const JsonMember& member,
                                std::string_view value) {
    const JsonText json = TRY(read_json(text));
    const std::string written = json_quoted(member.key) + ": " + json_quoted(value);
    const JsonSpot* object = &json.root;
    if (!member.section.empty())
        object = find_member(json.root, member.section);
    std::string changed = text;
    if (object == nullptr) {
        const auto [before, behind] = blanks_inside(text, json.root, false);
        put_member(changed, json.root, json.root,
                   json_quoted(member.section) + ": {" + before + written + behind + "}");
        return changed;
    }
    if (!object->is_object)
        return fault_at(text, object->begin, "a section that is to be an object is none");
    if (find_member(*object, member.key) != nullptr)
        return fault_at(text, object->begin, "the key is there already");
    put_member(changed, json.root, *object, written);
    return changed;
}

Result<std::string> without_member(const std::string& text, const JsonMember& member) {
    const JsonText json = TRY(read_json(text));
    const JsonSpot* section =
        member.section.empty() ? nullptr : find_member(json.root, member.section);
    const JsonSpot& object = section == nullptr ? json.root : *section;
    const JsonSpot* found = find_member(object, member.key);
    std::string changed = text;
    if (found == nullptr)
        return changed;
    if (section != nullptr && section->members.size() == 1)
        cut_member(changed, json.root, *section);
    else
        cut_member(changed, object, *found);
    return changed;
}

std::string text_of(const FlatText& flat, const JsonMember& member) {
    const auto found = flat.find(
        join_name(member.section.empty() ? "" : join_name("", member.section), member.key));
    if (found == flat.end() || found->second.size() < 2 || found->second.front() != '"')
        return {};
    return found->second.substr(1, found->second.size() - 2);
}

std::vector<std::string> keys_with(const std::string& text, std::string_view section,
                                   std::string_view value) {
    const Result<JsonText> json = read_json(text);
    const JsonSpot* object = json ? find_member(json->root, section) : nullptr;
    std::vector<std::string> keys;
    if (object == nullptr)
        return keys;
    for (const JsonSpot& member : object->members) {
        if (member.text == value)
            keys.push_back(member.name);
    }
    return keys;
}

}  // namespace patd::cli::tools
