// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/catalogue_text.h"

#include "common/base/limits.h"
#include "common/token/visible_text.h"

#include <algorithm>
#include <optional>
#include <set>

namespace patd {
namespace {

// "vcs" or "vcs:repository": a permission without its access.
bool is_section(std::string_view name) {
    return std::count(name.begin(), name.end(), ':') <= 1 && Permission::parse(name).has_value() &&
           name.size() + 3 <= limits::kPermissionBytes;
}

constexpr ConfigForm kForm{
    is_section, "not a section of a catalogue; sections are [AREA] and [AREA:OBJECT]",
    "an option outside of a section; put a line [AREA] or [AREA:OBJECT] above it",
    "neither KEY=VALUE, nor [AREA], nor [AREA:OBJECT], nor a comment; put # before a comment"};

std::optional<ObjectAccess> parse_access(std::string_view text) {
    if (text == "ro")
        return ObjectAccess::ReadOnly;
    if (text == "ro rw" || text == "rw")
        return ObjectAccess::ReadWrite;
    return std::nullopt;
}

// Reads one file section by section.
class CatalogueReader {
  public:
    CatalogueReader(const std::string& path, Catalogue& catalogue, std::vector<ConfigFault>& faults)
        : path_(path), catalogue_(catalogue), faults_(faults) {}

    void read(const ConfigLine& line) {
        if (!line.fault.empty())
            refuse(line.number, std::string(line.fault));
        else if (line.begins_section)
            begin_section(line);
        else if (line.key == "Description")
            read_description(line);
        else if (line.key == "Access" && !entry_.object.empty())
            read_access(line);
        else if (line.key == "Access")
            refuse(line.number, "an area has no Access=; write it below its objects");
        else
            refuse(line.number, "an unknown option; there are Description= and Access=");
    }

    void end_section() {
        if (begun_at_ == 0)
            return;
        // A faulty line may contain what seems to be missing.
        const bool is_whole = !has_fault_;
        if (is_whole && !has_description_)
            refuse(begun_at_, "a section without Description=; write one sentence");
        if (is_whole && !has_access_ && !entry_.object.empty())
            refuse(begun_at_, "an object without Access=; write Access=ro or Access=ro rw");
        catalogue_.set(entry_);
        begun_at_ = 0;
    }

  private:
    void begin_section(const ConfigLine& line) {
        end_section();
        begun_at_ = line.number;
        const std::size_t colon = std::min(line.section.find(':'), line.section.size());
        entry_ = {};
        entry_.area = line.section.substr(0, colon);
        if (colon < line.section.size())
            entry_.object = line.section.substr(colon + 1);
        has_description_ = has_access_ = has_fault_ = false;
        if (!sections_.insert(std::string(line.section)).second)
            refuse(line.number, "a section that this file has already; write them as one");
        if (sections_.size() == limits::kCatalogueEntries + 1)
            refuse(line.number, "more than 512 sections; a catalogue has no more");
    }
    void read_description(const ConfigLine& line) {
        has_description_ = true;
        if (line.value.empty() || line.value.size() > limits::kCatalogueSentenceBytes ||
            !is_visible_utf8(line.value))
            return refuse(line.number, "Description= takes 1 to 120 bytes of plain UTF-8 text");
        entry_.description = line.value;
    }
    void read_access(const ConfigLine& line) {
        has_access_ = true;
        const std::optional<ObjectAccess> access = parse_access(line.value);
        if (!access)
            return refuse(line.number, "Access= takes ro, or ro rw");
        entry_.access = *access;
    }
    void refuse(std::size_t line, std::string text) {
        has_fault_ = true;
        faults_.push_back({path_, line, std::move(text)});
    }

    const std::string& path_;
    Catalogue& catalogue_;
    std::vector<ConfigFault>& faults_;
    std::set<std::string> sections_;
    CatalogueEntry entry_;
    std::size_t begun_at_ = 0;  // the section's line; 0: none has begun
    bool has_description_ = false;
    bool has_access_ = false;
    bool has_fault_ = false;
};

}  // namespace

void read_catalogue(const ConfigFile& file, Catalogue& catalogue,
                    std::vector<ConfigFault>& faults) {
    CatalogueReader reader(file.path, catalogue, faults);
    for (const ConfigLine& line : parse_config_text(file.text, kForm))
        reader.read(line);
    reader.end_section();
    if (catalogue.size() > limits::kCatalogueEntries)
        faults.push_back({file.path, 0, "makes it more than 512 areas and objects; remove some"});
}

}  // namespace patd
