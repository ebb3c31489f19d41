// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/key_install.h"

#include "cli/io/process.h"
#include "cli/text/counted.h"
#include "common/base/names.h"
#include "common/base/unique_fd.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <span>
#include <system_error>

namespace patd::cli {
namespace {

constexpr char kMakeKey[] = "/usr/libexec/patd/make-key";
constexpr char kRestoreCommand[] = "sudo patctl admin restore BACKUP";

// systemd as far as it is the init system here.
class SystemUnits {
  public:
    explicit SystemUnits(const Session& session)
        : there_(access((session.environment().root + "/run/systemd/system").c_str(), F_OK) == 0),
          listening_(run({"is-active", "--quiet", "patd.socket"})) {}

    void stop() const { (void)run({"stop", "patd.socket", "patd.service"}); }
    // As it was before.
    void start_again() const {
        if (listening_)
            (void)run({"start", "patd.socket"});
    }
    bool is_listening() const { return listening_; }

  private:
    bool run(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "systemctl");
        const Result<ProcessResult> ran =
            there_ ? run_process(arguments) : Result<ProcessResult>(Errc::Unavailable);
        return ran && ran->status == 0;
    }

    bool there_;
    bool listening_;
};

// The last line of what make-key said, without its priority (sd-daemon(3)).
std::string last_line(std::string text) {
    while (text.ends_with('\n'))
        text.pop_back();
    text.erase(0, text.rfind('\n') + 1);
    return text.size() > 3 && text[0] == '<' && text[2] == '>' ? text.substr(3) : text;
}

// A file without a name that a program started meanwhile inherits. Like a SecretBuffer, it is
// locked in memory where that is allowed, not dumped, and overwritten at the end.
class SecretFile {
  public:
    explicit SecretFile(std::span<const char> bytes)
        : fd_(memfd_create("key", 0)), size_(bytes.size()) {
        if (!fd_ || ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0)
            return;
        memory_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
        if (memory_ == MAP_FAILED)
            return;
        (void)mlock(memory_, size_);
        (void)madvise(memory_, size_, MADV_DONTDUMP);
        std::memcpy(memory_, bytes.data(), size_);
    }
    SecretFile(const SecretFile&) = delete;
    SecretFile& operator=(const SecretFile&) = delete;
    ~SecretFile() {
        if (!is_there())
            return;
        explicit_bzero(memory_, size_);
        munmap(memory_, size_);
    }
    bool is_there() const { return memory_ != MAP_FAILED; }
    std::string path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

  private:
    UniqueFd fd_;
    std::size_t size_;
    void* memory_ = MAP_FAILED;
};

// The key crosses in memory: make-key opens the descriptor that it inherits.
Result<std::string> seal_key(const Session& session, const MasterKey& key) {
    const SecretFile file(key.reveal());
    if (!file.is_there())
        return Error{Errc::Internal, "no descriptor or memory is free"};
    const ProcessResult ran =
        TRY(run_process({session.environment().root + kMakeKey, "--from", file.path()}));
    if (ran.status != 0)
        return Error{Errc::Unavailable, last_line(ran.errors)};
    return last_line(ran.errors);
}

// How many tokens the service has; nothing where none runs.
std::optional<std::uint32_t> count_all_tokens(const Session& session) {
    Result<client::TokensClient> client = session.connect();
    const Result<client::Dictionary> status =
        client ? client->status() : Result<client::Dictionary>(client.error());
    if (!status)
        return std::nullopt;
    return status->count("tokens-all");
}

// Gives where it is now; nothing where there was none.
Result<std::string> put_store_aside(const Session& session) {
    const std::string store = session.environment().root + names::kStateDirectory;
    const std::string aside = store + ".before-" + std::to_string(session.now());
    if (rename(store.c_str(), aside.c_str()) == 0)
        return aside;
    if (errno == ENOENT)
        return std::string();
    return Error{Errc::Internal, store + ": " + std::generic_category().message(errno)};
}

Result<ExitCode> report_installed(const Session& session, const std::string& made,
                                  const std::string& text) {
    TRY(session.report({{"installed", true}}, made + ".\n" + text));
    return ExitCode::Success;
}

Result<ExitCode> install_beside_store(const Session& session, const MasterKey& key) {
    const std::string made = TRY(seal_key(session, key));
    const bool has_store =
        access((session.environment().root + names::kStateDirectory + "/store.db").c_str(), F_OK) ==
        0;
    if (has_store)
        return report_installed(session, made,
                                "Next: sudo systemctl restart patd.socket patd.service");
    return report_installed(
        session, made,
        std::string("Next: sudo systemctl enable --now patd.socket && ") + kRestoreCommand);
}

Result<ExitCode> install_with_new_store(const Session& session, const MasterKey& key) {
    if (const auto tokens = count_all_tokens(session); tokens.value_or(0) > 0)
        return session.fail("StoreInUse",
                            "this machine has " + counted(*tokens, "token") +
                                " under its own master key, which a new store would put out of "
                                "reach; nothing was changed",
                            ExitCode::Refused);
    const SystemUnits units(session);
    units.stop();
    const Result<std::string> made = seal_key(session, key);
    const Result<std::string> aside = made ? put_store_aside(session) : made.error();
    units.start_again();
    if (!aside)
        return aside.error();
    const std::string kept = aside->empty() ? ""
                                            : "The store that was here is now " + *aside +
                                                  "; delete it when your tokens are back.\n";
    return report_installed(
        session, *made,
        kept +
            "Next: " + (units.is_listening() ? "" : "sudo systemctl enable --now patd.socket && ") +
            kRestoreCommand);
}

}  // namespace

Result<ExitCode> install_key(const Session& session, const MasterKey& key, bool new_store) {
    if (geteuid() != 0)
        return Error{Errc::AccessDenied, "only root installs a master key"};
    return new_store ? install_with_new_store(session, key) : install_beside_store(session, key);
}

}  // namespace patd::cli
