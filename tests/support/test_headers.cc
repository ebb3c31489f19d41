// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Nothing: tests/CMakeLists.txt hangs the headers that every test includes on this file's target.
