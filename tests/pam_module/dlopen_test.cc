// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/pam_module/pam_fixture.h"
#include "tests/support/scripted_line_server.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <set>
#include <span>

// The shipped module as the loader sees it.
namespace patd::pam {
namespace {

const std::string kShipped = PATD_SHIPPED_MODULE;
const std::set<std::string> kEntryPoints = {"pam_sm_authenticate", "pam_sm_setcred",
                                            "pam_sm_acct_mgmt", "pam_sm_chauthtok"};

// An ELF file in memory, read-only. Its addresses are offsets from the file's start.
class ElfFile {
  public:
    explicit ElfFile(const std::string& path) : descriptor_(open(path.c_str(), O_RDONLY)) {
        struct stat status {};
        fstat(descriptor_.get(), &status);
        size_ = static_cast<std::size_t>(status.st_size);
        void* bytes = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor_.get(), 0);
        if (bytes == MAP_FAILED)
            throw std::runtime_error("mmap " + path);
        bytes_ = static_cast<const char*>(bytes);
    }
    ~ElfFile() { munmap(const_cast<char*>(bytes_), size_); }
    ElfFile(const ElfFile&) = delete;
    ElfFile& operator=(const ElfFile&) = delete;

    template <typename T>
    std::span<const T> table(std::size_t offset, std::size_t bytes) const {
        return {reinterpret_cast<const T*>(bytes_ + offset), bytes / sizeof(T)};
    }
    std::span<const ElfW(Shdr)> sections() const {
        const auto* header = reinterpret_cast<const ElfW(Ehdr)*>(bytes_);
        return table<ElfW(Shdr)>(header->e_shoff, header->e_shnum * sizeof(ElfW(Shdr)));
    }
    const char* text(const ElfW(Shdr) & strings, std::size_t offset) const {
        return bytes_ + strings.sh_offset + offset;
    }

  private:
    UniqueFd descriptor_;
    std::size_t size_ = 0;
    const char* bytes_ = nullptr;
};

std::set<std::string> exported_symbols(const std::string& path) {
    const ElfFile file(path);
    std::set<std::string> names;
    for (const auto& section : file.sections()) {
        if (section.sh_type != SHT_DYNSYM)
            continue;
        for (const auto& symbol : file.table<ElfW(Sym)>(section.sh_offset, section.sh_size)) {
            if (symbol.st_shndx != SHN_UNDEF && symbol.st_name != 0)
                names.insert(file.text(file.sections()[section.sh_link], symbol.st_name));
        }
    }
    return names;
}

std::set<std::string> needed_libraries(const std::string& path) {
    const ElfFile file(path);
    std::set<std::string> names;
    for (const auto& section : file.sections()) {
        if (section.sh_type != SHT_DYNAMIC)
            continue;
        for (const auto& entry : file.table<ElfW(Dyn)>(section.sh_offset, section.sh_size)) {
            if (entry.d_tag == DT_NEEDED)
                names.insert(file.text(file.sections()[section.sh_link], entry.d_un.d_val));
        }
    }
    return names;
}

bool is_mapped(const std::string& path) {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        if (line.ends_with(path))
            return true;
    }
    return false;
}

TEST(PamModule, LoadsWithAllItsSymbolsAndHasEveryEntryPoint) {
    void* module = dlopen(kShipped.c_str(), RTLD_NOW);
    ASSERT_NE(module, nullptr) << dlerror();
    for (const std::string& name : kEntryPoints)
        EXPECT_NE(dlsym(module, name.c_str()), nullptr) << name;
    dlclose(module);
}

TEST(PamModule, ExportsItsEntryPointsAndNothingElse) {
    EXPECT_EQ(exported_symbols(kShipped), kEntryPoints);
}

TEST(PamModule, LoadsNoServiceLibraryIntoTheHost) {
    std::set<std::string> allowed = {"libpam.so.0", "libcrypt.so.1", "libc.so.6",
                                     "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"};
#ifdef PATD_SANITIZED
    // The sanitizers need their runtimes and the shared C++ library.
    allowed.insert({"libasan.so.8", "libtsan.so.2", "libubsan.so.1", "libstdc++.so.6", "libm.so.6",
                    "libgcc_s.so.1"});
#endif
    for (const std::string& name : needed_libraries(kShipped))
        EXPECT_TRUE(allowed.contains(name)) << name;
}

// If the module stayed mapped, a long-lived host would keep running its old code after an upgrade.
TEST(PamModule, IsUnmappedAfterTheLogin) {
    const std::string module = PATD_TEST_MODULE;
    const support::TemporaryDirectory directory;
    const support::ScriptedLineServer patd(directory.file("socket"),
                                           support::ScriptedLineServer::reply("valid=1\n\n"));
    support::point_module_at(directory.file("socket"));
    {
        support::PamLogin login("auth required " + module + " password", "alice");
        login.conversation.answers = {"correct horse"};
        ASSERT_EQ(login.authenticate(), PAM_SUCCESS);
        ASSERT_TRUE(is_mapped(module));
    }
    EXPECT_FALSE(is_mapped(module));
}

}  // namespace
}  // namespace patd::pam
