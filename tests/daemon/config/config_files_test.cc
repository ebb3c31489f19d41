// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/config_files.h"

#include "tests/support/as_uid.h"
#include "tests/support/config_tree.h"
#include "tests/support/no_descriptors.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace patd {
namespace {

using Texts = std::vector<std::string>;

class ConfigFilesTest : public ::testing::Test {
  protected:
    // What is read, in order.
    Texts read() {
        Texts texts;
        for (const ConfigFile& file : read_config_files(tree_.root(), faults_))
            texts.push_back(file.text);
        return texts;
    }
    // The one fault of `path`, without the path.
    std::string fault_of(const std::string& path) {
        faults_.clear();
        read();
        if (faults_.size() != 1 || faults_[0].file != path)
            return std::to_string(faults_.size()) + " faults";
        return faults_[0].text;
    }

    support::ConfigTree tree_;
    std::vector<ConfigFault> faults_;
};

TEST_F(ConfigFilesTest, NoFileAtAllIsFine) {
    EXPECT_TRUE(read().empty());
    EXPECT_TRUE(faults_.empty());
}

TEST_F(ConfigFilesTest, TheMainFileIsTheFirstOfThreeAndIsReadFirst) {
    tree_.write("/usr/lib/patd/patd.conf", "usr");
    EXPECT_EQ(read(), Texts{"usr"});
    tree_.write("/run/patd/patd.conf", "run");
    EXPECT_EQ(read(), Texts{"run"});
    tree_.write("/etc/patd/patd.conf", "etc");
    tree_.write("/usr/lib/patd/patd.conf.d/00-first.conf", "drop-in");
    EXPECT_EQ(read(), (Texts{"etc", "drop-in"}));
    EXPECT_TRUE(faults_.empty());
}

TEST_F(ConfigFilesTest, DropInsAreSortedByNameWhereverTheyLie) {
    tree_.write("/etc/patd/patd.conf.d/20-b.conf", "etc 20");
    tree_.write("/usr/lib/patd/patd.conf.d/10-a.conf", "usr 10");
    tree_.write("/run/patd/patd.conf.d/30-c.conf", "run 30");
    tree_.write("/usr/lib/patd/patd.conf.d/40-d.conf", "usr 40");
    EXPECT_EQ(read(), (Texts{"usr 10", "etc 20", "run 30", "usr 40"}));
}

TEST_F(ConfigFilesTest, ANameInAnEarlierDirectoryHidesTheSameNameInALaterOne) {
    tree_.write("/usr/lib/patd/patd.conf.d/10.conf", "usr");
    tree_.write("/run/patd/patd.conf.d/10.conf", "run");
    EXPECT_EQ(read(), Texts{"run"});
    tree_.write("/etc/patd/patd.conf.d/10.conf", "");
    EXPECT_EQ(read(), Texts{""});
}

TEST_F(ConfigFilesTest, ALinkToDevNullMasks) {
    tree_.write("/usr/lib/patd/patd.conf", "usr");
    tree_.write("/usr/lib/patd/patd.conf.d/10.conf", "usr 10");
    tree_.link("/etc/patd/patd.conf", "/dev/null");
    tree_.link("/etc/patd/patd.conf.d/10.conf", "/dev/null");
    EXPECT_TRUE(read().empty());
    EXPECT_TRUE(faults_.empty());
}

TEST_F(ConfigFilesTest, ALinkToAFileIsThatFile) {
    tree_.write("/srv/shared.conf", "shared");
    tree_.link("/etc/patd/patd.conf.d/10.conf", tree_.path("/srv/shared.conf"));
    EXPECT_EQ(read(), Texts{"shared"});
}

TEST_F(ConfigFilesTest, OtherNamesAreNotRead) {
    for (const char* name : {"10.conf~", ".hidden.conf", "10.conf.bak", "README", ".conf"})
        tree_.write(std::string("/etc/patd/patd.conf.d/") + name, "nonsense");
    EXPECT_TRUE(read().empty());
    EXPECT_TRUE(faults_.empty());
}

TEST_F(ConfigFilesTest, AFileThatOthersMayWriteIsRefusedWithItsFix) {
    const std::string file = tree_.write("/etc/patd/patd.conf", "text");
    for (const mode_t mode : {0664U, 0646U, 0666U, 0777U}) {
        ::chmod(file.c_str(), mode);
        EXPECT_EQ(fault_of(file), "may be written by group or others; run: chmod go-w " + file);
    }
    ::chmod(file.c_str(), 0444);
    EXPECT_EQ(read(), Texts{"text"});
}

TEST_F(ConfigFilesTest, AFileOfSomebodyElseIsRefusedWithItsFix) {
    const std::string file = tree_.write("/etc/patd/patd.conf.d/10.conf", "text");
    ASSERT_EQ(::chown(file.c_str(), 1, 1), 0);
    EXPECT_EQ(fault_of(file), "belongs to somebody else; run: chown root " + file);
    // The daemon's own files are as good as root's.
    ::chmod(tree_.root().c_str(), 0755);
    const support::AsUid daemon{Uid(1)};
    faults_.clear();
    EXPECT_EQ(read(), Texts{"text"});
    EXPECT_TRUE(faults_.empty());
}

TEST_F(ConfigFilesTest, ADirectoryThatOthersMayWriteIsRefusedWithAllThatIsInIt) {
    tree_.write("/etc/patd/patd.conf.d/10.conf", "text");
    const std::string directory = tree_.path("/etc/patd/patd.conf.d");
    ::chmod(directory.c_str(), 0777);
    EXPECT_TRUE(read().empty());
    EXPECT_EQ(fault_of(directory),
              "may be written by group or others; run: chmod go-w " + directory);
}

TEST_F(ConfigFilesTest, WhatCannotBeReadIsAFaultAndNotADefault) {
    const std::string dangling = tree_.link("/etc/patd/patd.conf.d/10.conf", "/nonexistent");
    EXPECT_EQ(fault_of(dangling),
              "cannot be read (No such file or directory); link it to a file that is there, or to "
              "/dev/null");
    std::filesystem::remove(dangling);

    const std::string folder = tree_.path("/etc/patd/patd.conf.d/20.conf");
    std::filesystem::create_directory(folder);
    EXPECT_EQ(fault_of(folder), "is no regular file; replace it by one");
    std::filesystem::remove(folder);

    ASSERT_EQ(::mkfifo(folder.c_str(), 0644), 0);
    EXPECT_EQ(fault_of(folder), "is no regular file; replace it by one");
    std::filesystem::remove(folder);

    const std::string closed = tree_.write("/etc/patd/patd.conf", "text");
    ::chmod(closed.c_str(), 0600);
    ::chmod(tree_.root().c_str(), 0755);
    const support::AsUid daemon{Uid(1)};
    EXPECT_EQ(fault_of(closed),
              "cannot be read (Permission denied); let patd read it: chmod a+rX " + closed +
                  " and the directories above it");
}

// Defaults in place of an admin's settings would be wider than the admin believes.
TEST_F(ConfigFilesTest, ADirectoryThatIsClosedIsAFaultToo) {
    const std::string file = tree_.write("/etc/patd/patd.conf", "text");
    tree_.write("/usr/lib/patd/patd.conf", "other");
    ::chmod(tree_.root().c_str(), 0755);
    ::chmod(tree_.path("/etc/patd").c_str(), 0700);
    const support::AsUid daemon{Uid(1)};
    EXPECT_TRUE(read().empty());
    ASSERT_EQ(faults_.size(), 2U);  // the drop-ins cannot be looked for either
    EXPECT_EQ(faults_[0].file, file);
    EXPECT_EQ(faults_[1].file, tree_.path("/etc/patd/patd.conf.d"));
}

TEST_F(ConfigFilesTest, AMainFileThatOthersCouldReplaceIsRefused) {
    tree_.write("/etc/patd/patd.conf", "text");
    const std::string directory = tree_.path("/etc/patd");
    ::chmod(directory.c_str(), 0775);
    EXPECT_EQ(fault_of(directory),
              "may be written by group or others; run: chmod go-w " + directory);
}

TEST_F(ConfigFilesTest, AFileTooLargeIsRefused) {
    const std::string file = tree_.write("/etc/patd/patd.conf", std::string(65536, '#'));
    EXPECT_EQ(read().size(), 1U);
    tree_.write("/etc/patd/patd.conf", std::string(65537, '#'));
    EXPECT_EQ(fault_of(file), "is larger than 64 KiB; remove what is no configuration");
}

TEST_F(ConfigFilesTest, WhatCannotBeReadForTheMomentIsNotWrong) {
    // The kernel's own EIO: no page of a process is at address 0.
    for (const char* name : {"/etc/patd/patd.conf", "/etc/patd/patd.conf.d/10.conf"})
        tree_.link(name, "/proc/self/mem");
    read();
    ASSERT_EQ(faults_.size(), 2U);
    for (const ConfigFault& fault : faults_) {
        EXPECT_TRUE(fault.may_pass) << fault.file;
        EXPECT_EQ(fault.text,
                  "cannot be read (Input/output error); it is read again; if this "
                  "stays, check the disk");
    }
}

TEST_F(ConfigFilesTest, NorWhatNoDescriptorIsLeftFor) {
    tree_.write("/etc/patd/patd.conf", "etc");
    tree_.write("/etc/patd/permissions.d/10.conf", "permissions");
    {
        const support::NoDescriptors none;
        EXPECT_TRUE(read().empty());
        EXPECT_TRUE(read_permission_files(tree_.root(), faults_).empty());
    }
    // The file, and the six directories: nobody can tell what is not there either.
    ASSERT_EQ(faults_.size(), 7U);
    for (const ConfigFault& fault : faults_)
        EXPECT_TRUE(fault.may_pass) << fault.file << fault.text;
}

TEST_F(ConfigFilesTest, WhatIsWrongWithAFileStaysWrong) {
    const std::string path = "/etc/patd/patd.conf.d/10.conf";
    const auto may_pass = [&] {
        faults_.clear();
        read();
        return faults_.size() != 1 || faults_[0].may_pass;
    };
    const std::string file = tree_.link(path, "10.conf");
    EXPECT_FALSE(may_pass()) << "a link to itself";
    std::filesystem::remove(file);
    tree_.link(path, "absent");
    EXPECT_FALSE(may_pass()) << "a link to nothing";
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    EXPECT_FALSE(may_pass()) << "a directory";
}

}  // namespace
}  // namespace patd
