// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/limits.h"
#include "daemon/config/catalogue_text.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace patd::fuzz {
namespace {

std::string format(const Catalogue& catalogue) {
    std::string text;
    for (const CatalogueEntry& entry : catalogue.entries()) {
        text += "[" + entry.area + (entry.object.empty() ? "" : ":" + entry.object) + "]\n";
        text += "Description=" + entry.description + "\n";
        if (!entry.object.empty())
            text += entry.access == ObjectAccess::ReadOnly ? "Access=ro\n" : "Access=ro rw\n";
    }
    return text;
}

}  // namespace

// A file of permissions.d: patd.permissions(5).
void catalogue(std::string_view input) {
    Catalogue read;
    std::vector<ConfigFault> faults;
    read_catalogue({"x.conf", std::string(input)}, read, faults);
    if (!faults.empty())
        return;
    Catalogue again;
    const std::string text = format(read);
    read_catalogue({"x.conf", text}, again, faults);
    require(faults.empty() && format(again) == text, "a catalogue is printed as itself");
    for (const CatalogueEntry& entry : read.entries()) {
        const auto wanted =
            Permission::parse(entry.area + (entry.object.empty() ? "" : ":" + entry.object));
        require(wanted.has_value(), "an entry is a permission");
        const auto leaves = read.resolve({*wanted});
        if (leaves)
            require(read.resolve(*leaves).has_value() && covers({*wanted}, *leaves),
                    "what a permission means is part of it, and can be granted");
    }
}

}  // namespace patd::fuzz
