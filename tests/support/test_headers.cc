// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Empty: tests/CMakeLists.txt attaches the headers that every test includes to this file's target.
