// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/permissions.h"

#include "common/base/unique_fd.h"
#include "tests/cli/doctor/machine_fixture.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

namespace patd::cli::doctor {
namespace {

class PermissionsTest : public MachineTest {
  protected:
    PermissionsTest() {
        put_folder("/etc/patd");
        put("/etc/patd/master-key.cred", "key", 0, 0600);
        put_folder("/var/lib/patd", kPatd, 0700);
        for (const char* file : {"store.db", "audit.db", "audit.journal"})
            put(std::string("/var/lib/patd/") + file, "", kPatd, 0600);
        put_folder("/var/lib/patd-auth", kPatdAuth, 0700);
        put_folder("/run/patd");
        put_socket("/run/patd/socket", 0, 0666);
        put_folder("/run/patd-auth");
        put_socket("/run/patd-auth/auth.sock", kPatd, 0600);
    }

    void put_socket(const std::string& path, std::uint32_t owner, mode_t mode) const {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string name = machine_.at(path);
        ASSERT_LT(name.size(), sizeof(address.sun_path));
        std::memcpy(address.sun_path, name.c_str(), name.size());
        const UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
        own(path, owner, mode);
    }

    std::string found() const {
        Findings findings;
        check_permissions(machine_, findings);
        return text_of(findings);
    }
};

TEST_F(PermissionsTest, FindsNothingWhereAllIsRight) {
    EXPECT_EQ(found(), "");
}

TEST_F(PermissionsTest, FindsNothingOnAMachineThatIsEmpty) {
    for (const char* folder : {"etc", "run", "var"})
        std::filesystem::remove_all(tree_.path() / folder);
    EXPECT_EQ(found(), "");
}

struct PlaceCase {
    const char* path;
    std::uint32_t owner;
    mode_t mode;
    const char* fix;
};

TEST_F(PermissionsTest, NamesTheCommandForEachWrongOwnerAndMode) {
    const PlaceCase cases[] = {
        {"/etc/patd", 0, 0775, "sudo chmod 0755 /etc/patd"},
        {"/etc/patd", kPatd, 0755, "sudo chown root:root /etc/patd"},
        {"/etc/patd/master-key.cred", 0, 0640, "sudo chmod 0600 /etc/patd/master-key.cred"},
        {"/var/lib/patd", kPatd, 0750, "sudo chmod 0700 /var/lib/patd"},
        {"/var/lib/patd", 0, 0700, "sudo chown patd:patd /var/lib/patd"},
        {"/var/lib/patd/store.db", kPatd, 0644, "sudo chmod 0600 /var/lib/patd/store.db"},
        {"/var/lib/patd/audit.db", kPatd, 0640, "sudo chmod 0600 /var/lib/patd/audit.db"},
        {"/var/lib/patd/audit.journal", kPatd, 0640, "sudo chmod 0600 /var/lib/patd/audit.journal"},
        {"/var/lib/patd-auth", kPatd, 0700, "sudo chown patd-auth:patd-auth /var/lib/patd-auth"},
        {"/run/patd", 0, 0700, "sudo chmod 0755 /run/patd"},
        {"/run/patd/socket", 0, 0600, "sudo chmod 0666 /run/patd/socket"},
        {"/run/patd-auth/auth.sock", kPatd, 0666, "sudo chmod 0600 /run/patd-auth/auth.sock"},
    };
    for (const PlaceCase& wrong : cases) {
        const FileFacts before = look_at(machine_, wrong.path);
        own(wrong.path, wrong.owner, wrong.mode);
        const std::string text = found();
        EXPECT_TRUE(text.starts_with("error: ")) << wrong.path << text;
        EXPECT_TRUE(text.ends_with(std::string(" -> ") + wrong.fix + "\n")) << text;
        own(wrong.path, before.owner.value(), before.mode & 07777U);
    }
    EXPECT_EQ(found(), "");
}

TEST_F(PermissionsTest, RefusesALinkInThePlaceOfADirectory) {
    std::filesystem::rename(machine_.at("/var/lib/patd"), machine_.at("/elsewhere"));
    std::filesystem::create_symlink(machine_.at("/elsewhere"), machine_.at("/var/lib/patd"));
    EXPECT_NE(found().find("sudo mv /var/lib/patd /var/lib/patd.wrong"), std::string::npos);
}

TEST_F(PermissionsTest, MissesTheAccounts) {
    machine_.auth = std::nullopt;
    EXPECT_NE(found().find("sudo systemd-sysusers"), std::string::npos);
}

}  // namespace
}  // namespace patd::cli::doctor
