// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What the kernel and the libc charge just for starting a program.
int main(void) {
    return 0;
}
