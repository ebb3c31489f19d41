// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/daemon.h"

#include "daemon/store/tokens/store_admin.h"
#include "tests/support/as_uid.h"
#include "tests/support/bus_fixture.h"
#include "tests/support/daemon_fixture.h"
#include "tests/support/read_only_bind.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/system_bus.h"

#include <unistd.h>

#include <csignal>
#include <fstream>
#include <future>

namespace patd {
namespace {

using support::connect_to;
using support::DaemonConfigTest;
using support::DaemonTest;
using support::kLoginUid;
using support::kMain;
using support::turn_until;

constexpr char kStore[] =
    "patd=1\nop=store\nprotocol=https\nhost=git.example\nusername=me\npassword=hunter2\n\n";
constexpr char kGet[] = "patd=1\nop=get\nprotocol=https\nhost=git.example\n\n";

TEST_F(DaemonTest, ServesTheLineSocketThatItMakes) {
    const auto daemon = create().value();
    struct stat status {};
    ASSERT_EQ(::stat(options_.line_socket.c_str(), &status), 0);
    EXPECT_TRUE(S_ISSOCK(status.st_mode));
    EXPECT_EQ(status.st_mode & 07777, 0666U);
    EXPECT_EQ(ask("patd=1\nop=capability\n\n"),
              "version=0\ncapability[]=authtype\ncapability[]=state\n\n");
    EXPECT_EQ(ask("patd=1\nop=get\nprotocol=https\nhost=git.example\n\n"), "\n");
    EXPECT_EQ(ask("patd=1\nop=verify\ntoken=x\n\n"), "valid=0\nreason=malformed\n\n");
}

TEST_F(DaemonTest, KeepsTheStoreAndItsLogToItself) {
    const auto daemon = create().value();
    for (const char* name : {"/store.db", "/audit.db"}) {
        struct stat status {};
        ASSERT_EQ(::stat((options_.state_directory + name).c_str(), &status), 0) << name;
        EXPECT_EQ(status.st_mode & 07777, 0600U) << name;
    }
}

TEST_F(DaemonTest, StartsAgainWhereItWas) {
    (void)create().value();
    const auto daemon = create().value();
    EXPECT_EQ(ask("patd=1\nop=capability\n\n"),
              "version=0\ncapability[]=authtype\ncapability[]=state\n\n");
}

TEST_F(DaemonTest, DoesNotStartWithoutItsMasterKey) {
    ::unlink(options_.master_key_file.c_str());
    EXPECT_EQ(create_error(), Errc::NotFound);
    // It created nothing: a store without its key would be lost.
    EXPECT_TRUE(std::filesystem::is_empty(options_.state_directory));
    EXPECT_FALSE(std::filesystem::exists(options_.line_socket));
}

TEST_F(DaemonTest, DoesNotStartWithAKeyThatOthersMayRead) {
    for (const mode_t mode : {0640U, 0604U, 0660U, 0666U}) {
        write_key(32, mode);
        EXPECT_EQ(create_error(), Errc::AccessDenied) << mode;
    }
}

TEST_F(DaemonTest, DoesNotStartWithAnotherKey) {
    write_key(31, 0600);
    EXPECT_EQ(create_error(), Errc::Corrupt);
    write_key(32, 0600);
    ASSERT_TRUE(create());
    std::ofstream(options_.master_key_file) << std::string(32, 'x');
    EXPECT_EQ(create_error(), Errc::Corrupt);
    write_key(32, 0600);
    EXPECT_TRUE(create());
}

TEST_F(DaemonTest, DoesNotStartOnADirectoryThatIsOpenToOthers) {
    for (const mode_t mode : {0755U, 0710U, 0701U, 0777U}) {
        ::chmod(options_.state_directory.c_str(), mode);
        EXPECT_EQ(create_error(), Errc::AccessDenied) << mode;
    }
    EXPECT_FALSE(std::filesystem::exists(options_.line_socket));
}

TEST_F(DaemonTest, DoesNotStartWithoutItsDirectory) {
    std::filesystem::remove_all(options_.state_directory);
    EXPECT_EQ(create_error(), Errc::Unavailable);
}

// If SQLite opens a file read-only because opening it for writing failed, it never writes to it
// again.
TEST_F(DaemonTest, DoesNotServeWithAFileThatCannotBeWrittenNow) {
    const std::string left = directory_.file("left");
    {
        const auto running = create().value();
        ask(kStore);
        std::filesystem::copy(options_.state_directory, left);
    }
    ::chmod(left.c_str(), 0700);
    ::unlink(options_.line_socket.c_str());
    options_.state_directory = left;
    for (const char* name : {"/store.db", "/store.db-wal", "/store.db-shm", "/audit.db",
                             "/audit.db-wal", "/audit.db-shm", ""}) {
        ASSERT_TRUE(std::filesystem::exists(left + name)) << name;
        const support::ReadOnlyBind bind(left + name);
        const auto refused = create();
        ASSERT_FALSE(refused) << name;
        // Not one of the failures that somebody must fix first (daemon/service_process.cc): systemd
        // retries.
        EXPECT_EQ(refused.error().code, Errc::Unavailable) << name;
        EXPECT_FALSE(std::filesystem::exists(options_.line_socket)) << name;
    }
    const auto daemon = create().value();
    EXPECT_EQ(ask(kGet), "username=me\npassword=hunter2\n\n");
}

TEST_F(DaemonTest, AStoreHasOneDaemon) {
    const auto first = create().value();
    EXPECT_EQ(create_error(), Errc::Busy);
    // And the first one's socket is still in place.
    EXPECT_EQ(ask("patd=1\nop=capability\n\n"),
              "version=0\ncapability[]=authtype\ncapability[]=state\n\n");
}

TEST_F(DaemonTest, DoesNotStartWhereItCannotListen) {
    options_.line_socket = directory_.file("absent/socket");
    EXPECT_EQ(create_error(), Errc::Unavailable);
    options_.line_socket = directory_.file(std::string(120, 's'));
    EXPECT_EQ(create_error(), Errc::Unavailable);
}

TEST_F(DaemonTest, DoesNotStartWithoutTheBusThatItIsTold) {
    options_.bus_address = "unix:path=" + directory_.file("absent");
    EXPECT_FALSE(create());
    options_.bus_address = "nonsense";
    EXPECT_FALSE(create());
}

TEST_F(DaemonTest, MayGoWhileAClientWaits) {
    auto daemon = create().value();
    const UniqueFd client = connect_to(options_.line_socket);
    const std::string request = "patd=1\nop=get\nprotocol=https\nhost=git.example\n\n";
    ASSERT_GT(::send(client.get(), request.data(), request.size(), MSG_NOSIGNAL), 0);
    // The account is being looked up elsewhere.
    loop_->run_once(std::chrono::milliseconds(100));
    loop_->run_once(std::chrono::milliseconds(0));
    daemon.reset();
    support::turn_while_ready(*loop_);
    char byte = 0;
    EXPECT_LE(::recv(client.get(), &byte, 1, MSG_DONTWAIT), 1);
}

TEST_F(DaemonConfigTest, StartsWithItsConfigurationAndTakesANewOneAtAReload) {
    const auto daemon = create_configured("[Patd]\nAcceptStore=no\n").value();
    EXPECT_EQ(ask(kStore), "\n");
    EXPECT_EQ(ask(kGet), "\n");
    EXPECT_NE(reload(*daemon, "[Patd]\nAcceptStore=yes\n").find("<5>the new configuration is in"),
              std::string::npos);
    EXPECT_EQ(ask(kStore), "\n");
    EXPECT_EQ(ask(kGet), "username=me\npassword=hunter2\n\n");
}

TEST_F(DaemonConfigTest, AFaultyConfigurationChangesNothingAndEachFaultIsLogged) {
    const auto daemon = create_configured("[Patd]\nTokensPerUser=5\n").value();
    const std::string log = reload(*daemon, "[Patd]\nTokensPerUser=6\nUnlockMax=9h\n[Bad]\n");
    EXPECT_EQ(daemon->state().settings.tokens_per_user, 5U);
    EXPECT_TRUE(daemon->state().config_refused);
    const std::string file = tree_.path(kMain);
    EXPECT_EQ(
        log,
        "<3>the configuration is wrong [fault=UnlockMax= takes a time from 1min to 8h, "
        "file=" +
            file +
            ", line=3]\n"
            "<3>the configuration is wrong [fault=an unknown section; the only one is [Patd], "
            "file=" +
            file +
            ", line=4]\n"
            "<3>the new configuration was refused; the previous one stays in force [faults=2]\n");
    reload(*daemon, "[Patd]\nTokensPerUser=6\n");
    EXPECT_EQ(daemon->state().settings.tokens_per_user, 6U);
    EXPECT_FALSE(daemon->state().config_refused);
}

TEST_F(DaemonConfigTest, AReloadBringsTheCatalogueAndAFaultyOneChangesNothing) {
    const auto daemon = create_configured("").value();
    EXPECT_EQ(daemon->state().catalogue.size(), 0U);
    const std::string name = "/etc/patd/permissions.d/10.conf";
    tree_.write(name, "[vcs:repository]\nAccess=ro\nDescription=Code\n");
    reload(*daemon, "");
    EXPECT_EQ(daemon->state().catalogue.size(), 1U);
    const std::string file = tree_.write(name, "[vcs:repository]\nAccess=all\nDescription=x\n");
    EXPECT_NE(reload(*daemon, "[Patd]\nTokensPerUser=6\n")
                  .find("[fault=Access= takes ro, or ro rw, file=" + file + ", line=2]"),
              std::string::npos);
    EXPECT_EQ(daemon->state().catalogue.size(), 1U);
    EXPECT_EQ(daemon->state().settings.tokens_per_user, 1000U);
    EXPECT_TRUE(daemon->state().config_refused);
}

TEST_F(DaemonConfigTest, AConfigurationThatCannotBeReadNowIsReadAgainUntilItCan) {
    const auto daemon = create_configured("[Patd]\nTokensPerUser=5\n").value();
    // The kernel's own EIO: no page of a process is at address 0.
    const std::string link = tree_.link("/etc/patd/permissions.d/10.conf", "/proc/self/mem");
    const std::string log = reload(*daemon, "[Patd]\nTokensPerUser=6\n");
    EXPECT_NE(
        log.find("<3>the configuration cannot be read at the moment [fault=cannot be read (Input"),
        std::string::npos)
        << log;
    EXPECT_EQ(daemon->state().settings.tokens_per_user, 5U);
    std::filesystem::remove(link);
    EXPECT_TRUE(turn_until(*loop_, [&] { return daemon->state().settings.tokens_per_user == 6U; }));
    EXPECT_FALSE(daemon->state().config_refused);
}

TEST_F(DaemonConfigTest, AReloadLosesNoConnection) {
    const auto daemon = create().value();
    const UniqueFd client = connect_to(options_.line_socket);
    const std::string request = "patd=1\nop=capability\n\n";
    const std::string half = request.substr(0, 9);
    ASSERT_GT(::send(client.get(), half.data(), half.size(), MSG_NOSIGNAL), 0);
    reload(*daemon, "[Patd]\nLineConnections=8\nOperationIdle=10s\n");
    const std::string rest = request.substr(9);
    ASSERT_GT(::send(client.get(), rest.data(), rest.size(), MSG_NOSIGNAL), 0);
    ::shutdown(client.get(), SHUT_WR);
    EXPECT_EQ(support::read_to_end(*loop_, client.get()),
              "version=0\ncapability[]=authtype\ncapability[]=state\n\n");
}

TEST_F(DaemonConfigTest, AReloadDuringAReloadIsDoneAfterIt) {
    const auto daemon = create().value();
    tree_.write(kMain, "[Patd]\nTokensPerUser=5\n");
    daemon->reload();
    daemon->reload();
    tree_.write(kMain, "[Patd]\nTokensPerUser=6\n");
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(told().starts_with("RELOADING=1\n")) << i;
        EXPECT_TRUE(told().starts_with("READY=1\n")) << i;
    }
    EXPECT_EQ(daemon->state().settings.tokens_per_user, 6U);
}

TEST_F(DaemonConfigTest, TheCommandLineKeepsItsNo) {
    options_.accept_store = false;
    const auto daemon = create_configured("[Patd]\nAcceptStore=yes\n").value();
    EXPECT_FALSE(daemon->state().settings.accept_store);
    reload(*daemon, "[Patd]\nAcceptStore=yes\n");
    EXPECT_FALSE(daemon->state().settings.accept_store);
}

TEST_F(DaemonConfigTest, LineConnectionsPerUserTakesEffect) {
    const auto daemon = create_configured("[Patd]\nLineConnectionsPerUser=2\n").value();
    ::chmod(directory_.path().c_str(), 0755);
    // A caller that is not a service; root is one.
    const auto connect = [&] {
        const support::AsUid user{Uid(kLoginUid)};
        return connect_to(options_.line_socket);
    };
    const auto is_answered = [&] {
        const support::AsUid user{Uid(kLoginUid)};
        return ask("patd=1\nop=capability\n\n") ==
               "version=0\ncapability[]=authtype\ncapability[]=state\n\n";
    };
    const auto is_open = [](const UniqueFd& client) {
        char byte = 0;
        return recv(client.get(), &byte, 1, MSG_DONTWAIT) < 0;
    };
    std::vector<UniqueFd> held;
    for (int i = 0; i < 2; ++i)
        held.push_back(connect());
    // A third connection replaces the one that was silent longest.
    EXPECT_TRUE(is_answered());
    EXPECT_FALSE(is_open(held[0]));
    EXPECT_TRUE(is_open(held[1]));
    reload(*daemon, "[Patd]\nLineConnectionsPerUser=3\n");
    held[0] = connect();
    EXPECT_TRUE(is_answered());
    EXPECT_TRUE(is_open(held[0]));
    EXPECT_TRUE(is_open(held[1]));
}

// Opens the store when the first request comes, like a keyring that is unlocked at that moment.
class LateGate final : public StoreGate {
  public:
    ~LateGate() override { LateGate::detach(); }

    void attach(const Parts& parts) override { parts_.emplace(parts); }
    void detach() override {
        waiting_.clear();
        if (std::exchange(holds_writer_, false))
            released_.set_value();
    }
    void when_open(std::function<void()> go) override {
        ++asked_;
        if (is_open_)
            return go();
        waiting_.push_back(std::move(go));
        if (waiting_.size() > 1)
            return;
        bus::run(
            parts_->writer, [this] { return open(); },
            [this](const Result<std::unique_ptr<store::TokenStore>>& opened) {
                parts_->store.attach_reader(*opened.value());
                parts_->opened();
                is_open_ = true;
                for (const auto& waiting : std::exchange(waiting_, {}))
                    waiting();
            });
    }

    // From now on the writer only accepts jobs; it runs them when the daemon ends.
    void hold_writer() {
        holds_writer_ = true;
        parts_->writer.submit([this] { released_.get_future().wait(); }, [] {});
    }
    std::size_t asked() const { return asked_; }

  private:
    Result<std::unique_ptr<store::TokenStore>> open() {
        auto opened = TRY(store::TokenStore::open(
            {parts_->directory, true}, MasterKey(SecretBuffer::copy_of(std::string(32, 'k'))),
            parts_->random));
        TRY(parts_->prepare(*opened));
        parts_->store.attach_writer(*opened);
        return opened;
    }

    std::optional<Parts> parts_;
    bool is_open_ = false;
    bool holds_writer_ = false;
    std::promise<void> released_;
    std::vector<std::function<void()>> waiting_;
    std::size_t asked_ = 0;
};

// A user's service, whose store a LateGate opens.
class UsersDaemonTest : public DaemonTest {
  protected:
    void start() {
        auto gate = std::make_unique<LateGate>();
        gate_ = gate.get();
        daemon_ =
            Daemon::create(*loop_, options_, load_config(options_.config_root), std::move(gate))
                .value();
    }
    UniqueFd send(const std::string& request) {
        UniqueFd client = connect_to(options_.line_socket);
        const std::size_t asked = gate_->asked();
        EXPECT_GT(::send(client.get(), request.data(), request.size(), MSG_NOSIGNAL), 0);
        EXPECT_TRUE(turn_until(*loop_, [&] { return gate_->asked() > asked; }));
        return client;
    }

    LateGate* gate_ = nullptr;
    std::unique_ptr<Daemon> daemon_;
};

// A client that nobody answered asks again, but not one that got Internal.
TEST_F(UsersDaemonTest, WhoWaitsForTheStoreWhenItGoesIsClosedUnanswered) {
    start();
    gate_->hold_writer();
    const UniqueFd client = send(kGet);
    daemon_.reset();
    char byte = 0;
    EXPECT_EQ(::recv(client.get(), &byte, 1, MSG_DONTWAIT), 0);
}

TEST_F(UsersDaemonTest, MayGoWhileAStoreIsWrittenAndAnotherWaitsForItsEnd) {
    start();
    EXPECT_EQ(ask(kStore), "\n");
    gate_->hold_writer();
    std::vector<UniqueFd> clients;
    for (const char* user : {"she", "he"})
        clients.push_back(send("patd=1\nop=store\nprotocol=https\nhost=git.example\nusername=" +
                               std::string(user) + "\npassword=of_" + user + "\n\n"));
    daemon_.reset();
    for (const UniqueFd& client : clients) {
        char byte = 0;
        EXPECT_EQ(::recv(client.get(), &byte, 1, MSG_DONTWAIT), 0);
    }
    start();
    // What was begun is completed; what was not is not.
    EXPECT_NE(ask("patd=1\nop=get\nprotocol=https\nhost=git.example\nusername=she\n\n")
                  .find("password=of_she\n"),
              std::string::npos);
    EXPECT_EQ(ask("patd=1\nop=get\nprotocol=https\nhost=git.example\nusername=he\n\n")
                  .find("password=of_he\n"),
              std::string::npos);
}

TEST_F(UsersDaemonTest, HasNoGateway) {
    const auto configured = [this] {
        Config config = load_config(options_.config_root);
        config.settings.gateway_origin = Origin::parse("http://127.0.0.1:9200").value();
        return config;
    };
    daemon_ = Daemon::create(*loop_, options_, configured(), std::make_unique<LateGate>()).value();
    EXPECT_FALSE(daemon_->state().settings.gateway_origin);
    daemon_.reset();
    daemon_ = Daemon::create(*loop_, options_, configured()).value();
    EXPECT_TRUE(daemon_->state().settings.gateway_origin);
}

// Row D16: a clock that was set back while nothing ran.
TEST_F(DaemonTest, D16_TheFirstAnswerOfAUsersServiceKnowsTheTimeThatHasBeen) {
    const UnixTime now = SystemClock().now();
    const Uid user(::getuid());
    Token token = support::make_token(user, TokenKind::Issued, {.expires = now + 3600});
    SystemRandom random;
    const TokenSecret secret = make_issued_secret(token.id, random).value();
    {
        const auto store =
            store::TokenStore::open({options_.state_directory, true}, support::master_key(), random)
                .value();
        store->insert(token, secret).value();
        store::StoreAdmin(*store).write_note(store::Note::ClockMark, now + 48 * 3600L).value();
    }
    const auto daemon = Daemon::create(*loop_, options_, {}, std::make_unique<LateGate>()).value();
    EXPECT_EQ(ask("patd=1\nop=verify\ntoken=" + support::text_of(secret) + "\n\n"),
              "valid=0\nreason=expired\n\n");
}

class DaemonOnBusTest : public DaemonTest {
  protected:
    DaemonOnBusTest() { options_.bus_address = system_->address(); }
    support::Reply status(const bus::BusPtr& client) {
        return support::BusCaller(*loop_, client.get(), names::kBusName)
            .call(names::kManagerPath, names::kManagerInterface, "Status");
    }

    std::unique_ptr<support::SystemBus> system_ = std::make_unique<support::SystemBus>();
};

TEST_F(DaemonOnBusTest, ServesTheBusUnderItsName) {
    const auto daemon = create().value();
    bus::BusPtr alice;
    {
        const support::AsUid user{Uid(1)};
        alice = system_->connect(*loop_);
    }
    bus::Dict found = support::read_dict(status(alice));
    EXPECT_EQ(found.take<std::string>("user").value(), "daemon");
    EXPECT_EQ(found.take<std::uint32_t>("uid").value(), 1U);
    EXPECT_EQ(found.take<std::uint32_t>("tokens").value(), 0U);
}

TEST_F(DaemonOnBusTest, ItsNameIsItsAlone) {
    const auto first = create().value();
    DaemonOptions others = options_;
    others.state_directory = directory_.file("other");
    others.line_socket = directory_.file("other.socket");
    std::filesystem::create_directory(others.state_directory);
    ::chmod(others.state_directory.c_str(), 0700);
    EXPECT_FALSE(Daemon::create(*loop_, others));
}

TEST_F(DaemonOnBusTest, EndsWithItsBusSoThatItIsStartedAgain) {
    const auto daemon = create().value();
    system_.reset();
    EXPECT_NE(loop_->run(), 0);
}

class UsersDaemonOnBusTest : public UsersDaemonTest {
  protected:
    UsersDaemonOnBusTest() {
        options_.bus_address = system_.address();
        tree_.write("/etc/patd/permissions.d/10.conf",
                    "[vcs:repository]\nAccess=ro rw\nDescription=Code\n");
        start();
    }
    // For an operation whose step-up succeeded.
    std::string prove(const std::string& path) {
        support::PendingCall first = client_.send(path, names::kOperationInterface, "Next");
        support::StepUpConversation conversation = auth_.accept();
        (void)conversation.begin();
        conversation.send(step_up::FrameKind::Granted);
        EXPECT_EQ(support::read_prompt(client_.finish(std::move(first))).kind, "done");
        return path;
    }
    support::PendingCall commit(const std::string& path) {
        return client_.send(path, names::kOperationInterface, "Commit",
                            support::with_descriptor(sinks_.emplace_back().passed()));
    }
    std::string begin(const char* member, const support::Fill& fill = {}) {
        return prove(
            client_.call(names::kManagerPath, names::kManagerInterface, member, fill).path());
    }

    support::SystemBus system_;
    support::ScriptedStepUp auth_{*loop_, options_.step_up.auth};
    bus::BusPtr connection_ = system_.connect(*loop_);
    support::BusCaller client_{*loop_, connection_.get(), names::kBusName};
    std::vector<support::ClientSink> sinks_;
};

TEST_F(UsersDaemonOnBusTest, MayGoWhileACommitAndAnAcknowledgeAreWritten) {
    const std::string removal = begin("RemoveAll");
    const std::string creation =
        begin("Create", support::create_arguments("laptop", {"vcs:repository:rw"}));
    ASSERT_TRUE(client_.finish(commit(creation)).ok());
    gate_->hold_writer();
    const support::PendingCall removed = commit(removal);
    const support::PendingCall acknowledged =
        client_.send(creation, names::kOperationInterface, "Acknowledge");
    // Answered in the order in which they came, except for what the writer has.
    ASSERT_TRUE(client_.call(names::kManagerPath, names::kManagerInterface, "Status").ok());
    EXPECT_FALSE(removed.answered() || acknowledged.answered());
    daemon_.reset();
    support::turn_while_ready(*loop_);
}

// Systemd's socket passing (sd_listen_fds(3)), in a separate process, where descriptor 3 is free.
class PassedSocketTest : public DaemonTest {
  protected:
    static constexpr int kServes = 0;
    static constexpr int kUnavailable = 3;

    // How a daemon that gets `fd` ends, when one client connects to `path`.
    int start_with(const UniqueFd& fd, const std::string& path) {
        const pid_t child = ::fork();
        if (child == 0)
            ::_exit(run_child(fd.get(), path));
        int status = -1;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

  private:
    int run_child(int fd, const std::string& path) {
        // One of its own descriptors may be 3.
        loop_.reset();
        if (::dup2(fd, 3) != 3 || ::setenv("LISTEN_FDS", "1", 1) != 0 ||
            ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1) != 0)
            return 2;
        loop_ = bus::EventLoop::create().value();
        const auto daemon = create();
        if (!daemon)
            return daemon.error().code == Errc::Unavailable ? kUnavailable : 4;
        options_.line_socket = path;
        return ask("patd=1\nop=capability\n\n") ==
                       "version=0\ncapability[]=authtype\ncapability[]=state\n\n"
                   ? kServes
                   : 5;
    }
};

TEST_F(PassedSocketTest, TakesTheListenerOfSystemd) {
    const std::string path = directory_.file("passed");
    const UniqueFd listener = listen_at(path).value();
    EXPECT_EQ(start_with(listener, path), kServes);
    EXPECT_FALSE(std::filesystem::exists(options_.line_socket));
}

TEST_F(PassedSocketTest, TakesNothingElse) {
    const UniqueFd datagram(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(start_with(datagram, ""), kUnavailable);
    const UniqueFd internet(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(start_with(internet, ""), kUnavailable);
    const UniqueFd file(::open("/dev/null", O_RDWR | O_CLOEXEC));
    EXPECT_EQ(start_with(file, ""), kUnavailable);
}

}  // namespace
}  // namespace patd
