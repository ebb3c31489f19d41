// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <string>
#include <string_view>

namespace patd::cli {

// One entry of Status' `limited` ("1000 connections 312 5") for people: who is being limited, in
// what, how often and when last. What is not of that form is shown as it is, made printable.
std::string describe_limited(std::string_view entry);

}  // namespace patd::cli
