// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

// Every name that another program sees: D-Bus names, paths, accounts. They stand nowhere else.
namespace patd::names {

inline constexpr char kBusName[] = "org.patd.Tokens1";
inline constexpr char kManagerPath[] = "/org/patd/Tokens1";
inline constexpr char kTokenPrefix[] = "/org/patd/Tokens1/token";
inline constexpr char kOperationPrefix[] = "/org/patd/Tokens1/operation";
inline constexpr char kManagerInterface[] = "org.patd.Tokens1.Manager";
inline constexpr char kTokenInterface[] = "org.patd.Tokens1.Token";
inline constexpr char kOperationInterface[] = "org.patd.Tokens1.Operation";
inline constexpr char kAdminInterface[] = "org.patd.Tokens1.Admin";
inline constexpr char kErrorPrefix[] = "org.patd.Tokens1.Error.";

inline constexpr char kLineSocket[] = "/run/patd/socket";
inline constexpr char kAuthSocket[] = "/run/patd-auth/auth.sock";
inline constexpr char kEnrollSocket[] = "/run/patd-auth/enroll.sock";
inline constexpr char kCounterSocket[] = "/run/patd-auth/counter.sock";
inline constexpr char kStateDirectory[] = "/var/lib/patd";
// Per-user mode: below $XDG_RUNTIME_DIR, and below the home directory.
inline constexpr char kUserRuntimeDirectory[] = "/patd";
inline constexpr char kUserLineSocket[] = "/patd/socket";
inline constexpr char kUserAuthSocket[] = "/patd/auth.sock";
inline constexpr char kUserStateDirectory[] = "/.local/state/patd";
inline constexpr char kAuthStateDirectory[] = "/var/lib/patd-auth";
// Through the kernel's resource manager.
inline constexpr char kTpm[] = "/dev/tpmrm0";
inline constexpr char kMachineId[] = "/etc/machine-id";
inline constexpr char kMasterKeyFile[] = "/etc/patd/master.key";
inline constexpr char kMasterKeyCredential[] = "patd.master-key";

inline constexpr char kDaemonUser[] = "patd";
inline constexpr char kAuthUser[] = "patd-auth";
inline constexpr char kPamService[] = "patd";
inline constexpr char kPamEnrollService[] = "patd-enroll";
inline constexpr char kPamUserService[] = "patd-user";

inline constexpr char kSecretService[] = "org.freedesktop.secrets";
inline constexpr char kKeyringSchemaKey[] = "org.patd.Tokens1.Key";
inline constexpr char kKeyringSchemaBundle[] = "org.patd.Tokens1.Bundle";

}  // namespace patd::names
