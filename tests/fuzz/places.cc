// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/place.h"
#include "common/token/target.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace patd::fuzz {
namespace {

void check_origin(const Origin& origin) {
    const Result<Origin> again = Origin::parse(origin.text());
    require(again && *again == origin, "an origin is printed as itself");
    const Result<Origin> parts = Origin::parse(origin.protocol(), origin.host_and_port());
    require(parts && *parts == origin, "an origin is its protocol and its host");
}

void check_target(const Target& target) {
    check_origin(target.origin());
    const Result<Target> again = Target::parse(target.text());
    require(again && *again == target, "a target is printed as itself");
    const Result<Target> stored = Target::parse_stored(target.stored_text());
    require(stored && *stored == target, "a target is stored as itself");
    require(target.covers(target), "a target covers itself");
    require(target.covers(target.origin(), target.path()), "a target covers its place");
}

}  // namespace

// Two lines, each any spelling of a place: what of one covers the other is on one origin.
void places(std::string_view input) {
    Input parts(input);
    const std::string_view first = parts.part();
    const std::string_view second = parts.part();
    const Result<Target> one = Target::parse(first);
    const Result<Target> other = Target::parse(second);
    if (one)
        check_target(*one);
    if (const Result<Target> stored = Target::parse_stored(first); stored)
        require(Target::parse_stored(stored->stored_text()).has_value(), "a row stays readable");
    if (one && other && one->covers(*other))
        require(one->origin() == other->origin() && other->path().size() >= one->path().size(),
                "a target covers places below it alone");
    if (one && other) {
        const Result<TargetList> list = parse_targets({std::string(first), std::string(second)});
        if (list && list->size() == 1)
            require(*one == *other, "two of a list are one if they are the same");
    }
    if (const Result<Place> place = parse_place(first); place) {
        check_target(place->target);
        if (const Result<Remote> remote = parse_remote(first); remote)
            require(remote->origin == place->target.origin(), "git asks where the place is");
    }
    if (const Result<Remote> remote = parse_remote(second); remote)
        check_origin(remote->origin);
    if (const Result<Origin> origin = Origin::parse(first, second); origin)
        check_origin(*origin);
}

}  // namespace patd::fuzz
