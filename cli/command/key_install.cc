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

    // Whether none runs any more. The bus may start it again at any time.
    bool stop() const {
        return !there_ || (run({"stop", "patd.socket", "patd.service"}) &&
                           !run({"is-active", "--quiet", "patd.service"}));
    }
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

// How many tokens the system service has, whichever one the session is for; nothing where none
// says so.
std::optional<std::uint32_t> count_all_tokens(const Session& session) {
    Result<client::TokensClient> client = session.environment().connect();
    const Result<client::Dictionary> status =
        client ? client->status() : Result<client::Dictionary>(client.error());
    if (!status || !status->has("tokens-all"))
        return std::nullopt;
    return status->count("tokens-all");
}

std::string store_of(const Session& session) {
    return session.environment().root + names::kStateDirectory;
}

bool has_store(const Session& session) {
    return access((store_of(session) + "/store.db").c_str(), F_OK) == 0;
}

Result<void> move_store(const std::string& from, const std::string& to) {
    if (rename(from.c_str(), to.c_str()) == 0)
        return {};
    return Error{Errc::Internal, from + ": " + std::generic_category().message(errno)};
}

// Gives where it is now; nothing where there was none.
Result<std::string> put_store_aside(const Session& session, const std::string& mark) {
    const std::string store = store_of(session);
    if (access(store.c_str(), F_OK) != 0)
        return std::string();
    const std::string aside = store + ".before-" + std::to_string(session.now()) + mark;
    TRY(move_store(store, aside));
    return aside;
}

// What may be lost comes first, and is taken back if the rest fails: the key before opens it.
struct NewStore {
    std::string made;   // what make-key said
    std::string aside;  // where the store is now; "": there was none
};
Result<NewStore> make_room_and_seal(const Session& session, const MasterKey& key,
                                    const SystemUnits& units) {
    const std::string aside = TRY(put_store_aside(session, ""));
    Result<std::string> made = seal_key(session, key);
    // The bus may have started it in between, with a store under the key before.
    if (!units.stop())
        return Error{Errc::Internal,
                     "patd.service was started meanwhile, and cannot be stopped" +
                         (aside.empty() ? "" : "; the store that was here is now " + aside)};
    if (has_store(session))
        TRY(put_store_aside(session, ".meanwhile"));
    if (made)
        return NewStore{std::move(*made), aside};
    if (!aside.empty()) {
        (void)rmdir(store_of(session).c_str());
        if (const Result<void> back = move_store(aside, store_of(session)); !back)
            return Error{
                Errc::Internal,
                made.error().context + "; the store that was here is now " + back.error().context};
    }
    return made.error();
}

Result<ExitCode> report_installed(const Session& session, const std::string& made,
                                  const std::string& text) {
    TRY(session.report({{"installed", true}}, made + ".\n" + text));
    return ExitCode::Success;
}

Result<ExitCode> install_beside_store(const Session& session, const MasterKey& key) {
    const std::string made = TRY(seal_key(session, key));
    if (has_store(session))
        return report_installed(session, made,
                                "Next: sudo systemctl restart patd.socket patd.service");
    return report_installed(
        session, made,
        std::string("Next: sudo systemctl enable --now patd.socket && ") + kRestoreCommand);
}

Result<ExitCode> install_with_new_store(const Session& session, const MasterKey& key) {
    const std::optional<std::uint32_t> tokens = count_all_tokens(session);
    if (!tokens && has_store(session))
        return session.fail("StoreInUse",
                            "nobody knows whether the store of this machine has tokens, because "
                            "the service does not say so; nothing was changed. Start it, or if the "
                            "store is of no use: sudo mv " +
                                store_of(session) + " " + store_of(session) + ".before",
                            ExitCode::Refused);
    if (tokens.value_or(0) > 0)
        return session.fail("StoreInUse",
                            "this machine has " + counted(*tokens, "token") +
                                " under its own master key, which a new store would put out of "
                                "reach; nothing was changed",
                            ExitCode::Refused);
    const SystemUnits units(session);
    const Result<NewStore> fresh =
        units.stop() ? make_room_and_seal(session, key, units)
                     : Error{Errc::Internal, "patd.service cannot be stopped; nothing was changed"};
    units.start_again();
    if (!fresh)
        return fresh.error();
    const std::string kept = fresh->aside.empty()
                                 ? ""
                                 : "The store that was here is now " + fresh->aside +
                                       "; delete it when your tokens are back.\n";
    return report_installed(
        session, fresh->made,
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
