// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/idle_memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace patd {
namespace {

// The program is the first object. A writable segment no longer is the file's; a read-only one is,
// as long as the linker needs no relocations in code.
int unmap_code(dl_phdr_info* object, std::size_t /*size*/, void* /*data*/) {
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    for (unsigned i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)& segment = object->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0)
            continue;
        const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
        const std::uintptr_t end = begin + segment.p_memsz;
        const std::uintptr_t first = begin / page * page;
        // NOLINTNEXTLINE(performance-no-int-to-ptr): an address is what the program headers hold
        (void)madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
    }
    return 1;
}

}  // namespace

void give_back_idle_memory() {
    (void)malloc_trim(0);
    (void)dl_iterate_phdr(unmap_code, nullptr);
}

}  // namespace patd
