// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

namespace patd::keyring {

// Names of the Secret Service API (https://specifications.freedesktop.org/secret-service).
inline constexpr char kServicePath[] = "/org/freedesktop/secrets";
inline constexpr char kServiceInterface[] = "org.freedesktop.Secret.Service";
inline constexpr char kCollectionInterface[] = "org.freedesktop.Secret.Collection";
inline constexpr char kItemInterface[] = "org.freedesktop.Secret.Item";
inline constexpr char kPromptInterface[] = "org.freedesktop.Secret.Prompt";
// The object path that means "none".
inline constexpr char kNoObject[] = "/";

}  // namespace patd::keyring
