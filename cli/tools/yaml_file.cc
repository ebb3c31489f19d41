// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/yaml_file.h"

#include <yaml.h>

#include <algorithm>
#include <set>

namespace patd::cli::tools {
namespace {

// libyaml's parser, and the event that it gave last.
class YamlEvents {
  public:
    explicit YamlEvents(std::string_view text) : text_(text) {
        is_made_ = yaml_parser_initialize(&parser_) == 1;
        if (!is_made_)
            return;
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libyaml has unsigned bytes
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                     text.size());
    }
    YamlEvents(const YamlEvents&) = delete;
    YamlEvents& operator=(const YamlEvents&) = delete;
    ~YamlEvents() {
        drop();
        if (is_made_)
            yaml_parser_delete(&parser_);
    }

    Result<void> next() {
        drop();
        if (!is_made_ || yaml_parser_parse(&parser_, &event_) == 0)
            return Error{Errc::BadFile, "line " + std::to_string(parser_.problem_mark.line + 1) +
                                            ": it is not YAML"};
        has_event_ = true;
        return {};
    }
    const yaml_event_t& event() const { return event_; }
    Error fault(const std::string& why) const {
        return {Errc::BadFile, "line " + std::to_string(event_.start_mark.line + 1) + ": " + why};
    }
    // Marks count characters.
    std::size_t offset(const yaml_mark_t& mark) {
        while (characters_ < mark.index && bytes_ < text_.size()) {
            do
                ++bytes_;
            while (bytes_ < text_.size() &&
                   (static_cast<unsigned char>(text_[bytes_]) & 0xc0U) == 0x80U);
            ++characters_;
        }
        if (characters_ > mark.index) {
            characters_ = 0;
            bytes_ = 0;
            return offset(mark);
        }
        return bytes_;
    }

  private:
    void drop() {
        if (has_event_)
            yaml_event_delete(&event_);
        has_event_ = false;
    }

    std::string_view text_;
    yaml_parser_t parser_{};
    yaml_event_t event_{};
    bool is_made_ = false;
    bool has_event_ = false;
    std::size_t characters_ = 0;
    std::size_t bytes_ = 0;
};

std::string scalar_of(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libyaml has unsigned bytes
    return {reinterpret_cast<const char*>(scalar.value), scalar.length};
}

Result<YamlNode> read_node(YamlEvents& events, std::size_t depth, std::size_t& count);

Result<void> read_map(YamlEvents& events, YamlNode& map, std::size_t depth, std::size_t& count) {
    std::set<std::string> keys;
    while (true) {
        TRY(events.next());
        if (events.event().type == YAML_MAPPING_END_EVENT)
            return {};
        if (events.event().type != YAML_SCALAR_EVENT)
            return events.fault("a key is no text");
        const std::string key = scalar_of(events.event());
        if (!keys.insert(key).second)
            return events.fault("a key comes twice");
        const std::size_t begin = events.offset(events.event().start_mark);
        const std::size_t end = events.offset(events.event().end_mark);
        TRY(events.next());
        YamlNode member = TRY(read_node(events, depth, count));
        member.key = key;
        member.key_begin = begin;
        member.key_end = end;
        map.members.push_back(std::move(member));
    }
}

Result<void> read_list(YamlEvents& events, YamlNode& list, std::size_t depth, std::size_t& count) {
    while (true) {
        TRY(events.next());
        if (events.event().type == YAML_SEQUENCE_END_EVENT)
            return {};
        list.members.push_back(TRY(read_node(events, depth, count)));
    }
}

// Of the event that was read last.
Result<YamlNode> read_node(YamlEvents& events, std::size_t depth, std::size_t& count) {
    const yaml_event_t& event = events.event();
    if (depth >= kToolFileDepth)
        return events.fault("it is nested too deep");
    if (++count > kToolFileValues)
        return events.fault("there are too many values");
    YamlNode node;
    node.begin = events.offset(event.start_mark);
    node.column = event.start_mark.column;
    if (event.type == YAML_SCALAR_EVENT) {
        node.text = scalar_of(event);
        node.is_quoted = event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    } else if (event.type == YAML_MAPPING_START_EVENT) {
        node.is_map = true;
        node.is_flow = event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
        TRY(read_map(events, node, depth + 1, count));
    } else if (event.type == YAML_SEQUENCE_START_EVENT) {
        node.is_list = true;
        node.is_flow = event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
        TRY(read_list(events, node, depth + 1, count));
    } else {
        return events.fault("patctl does not read aliases");
    }
    node.end = events.offset(events.event().end_mark);
    return node;
}

void flatten_yaml(const YamlNode& node, const std::string& name, FlatText& flat) {
    if (node.is_map || node.is_list) {
        if (node.members.empty() && !name.empty())
            flat.emplace(name, node.is_map ? "{}" : "[]");
        std::size_t index = 0;
        for (const YamlNode& member : node.members)
            flatten_yaml(member,
                         node.is_map ? join_name(name, member.key) : join_index(name, index++),
                         flat);
        return;
    }
    flat.emplace(name, node.is_quoted ? "\"" + node.text + "\"" : node.text);
}

}  // namespace

const Format kYaml = {"YAML",
                      [](std::string_view text) -> Result<FlatText> {
                          FlatText flat;
                          flatten_yaml(TRY(read_yaml(text)), "", flat);
                          return flat;
                      },
                      ""};

const YamlNode* YamlNode::find(std::string_view member) const {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const YamlNode& node) { return node.key == member; });
    return !is_map || found == members.end() ? nullptr : &*found;
}

std::string YamlNode::text_of(std::string_view member) const {
    const YamlNode* found = find(member);
    return found == nullptr ? "" : found->text;
}

bool YamlNode::is_nothing() const {
    return !is_map && !is_list && !is_quoted && (text.empty() || text == "null" || text == "~");
}

Result<YamlNode> read_yaml(std::string_view text) {
    YamlEvents events(text);
    YamlNode root;
    root.is_map = true;
    bool has_document = false;
    while (true) {
        TRY(events.next());
        const yaml_event_type_t type = events.event().type;
        if (type == YAML_STREAM_END_EVENT)
            return root;
        if (type == YAML_DOCUMENT_START_EVENT && has_document)
            return events.fault("there is more than one document");
        if (type != YAML_DOCUMENT_START_EVENT)
            continue;
        has_document = true;
        TRY(events.next());
        std::size_t count = 0;
        root = TRY(read_node(events, 0, count));
    }
}

}  // namespace patd::cli::tools
