// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

namespace patd {

// For a process that is about to be idle: returns to the kernel what malloc keeps, and unmaps the
// pages of the program's own code, which nobody else shares. They stay in the page cache, where the
// kernel can reclaim them, and come back when they run: a handful of faults of a microsecond each
// (docs/performance.md). Thread rule: any thread.
void give_back_idle_memory();

}  // namespace patd
