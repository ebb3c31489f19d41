// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"
#include "daemon/store/backup/manifest.h"
#include "daemon/store/database/state_directory.h"

#include <string>

namespace patd::store {

// A backup is one file (docs/store-format.md): a manifest, a snapshot of each database, and a MAC
// under a key derived from the master key. It holds no key that opens without the master key.
// Thread rule: any one thread; neither the loop's nor the writer's need wait for it.

// Copies store.db and audit.db of `directory`, which may be in use, and writes the backup to `fd`,
// a regular file open for writing. BadSink: it is not one. Unavailable: a disk is full.
Result<Manifest> write_backup(const std::string& directory, const MasterKey& master, UnixTime now,
                              int fd);

// The name that read_backup gives the backup's store, in the state directory.
inline constexpr char kRestoredName[] = "restore.tmp";

// Reads a backup from `fd` and leaves its store as kRestoredName. ForeignBackup: it says that it is
// of another master key. InvalidBackup: it is none, is damaged, or is an old one of another master
// key. Nothing is left then. BadSink: no regular file.
Result<Manifest> read_backup(const StateDirectory& directory, const MasterKey& master, int fd);
// Removes what read_backup left.
Result<void> remove_restored(const StateDirectory& directory);
// Removes every copy, also what a process that was killed left. Call while no backup or restore is
// under way.
Result<void> remove_copies(const StateDirectory& directory);

}  // namespace patd::store
