// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
//
// Attacks the D-Bus interface of the patd on this machine's system bus, as the user who runs it.
#include "common/base/names.h"
#include "tests/hostile/bus_values.h"
#include "tests/hostile/operation_driver.h"
#include "tests/hostile/raw_bus.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace patd::hostile {
namespace {

using support::BusArgument;
using support::BusInterfaces;

constexpr char kNoToken[] = "/org/patd/Tokens1/token/0123456789";
constexpr char kNoOperation[] = "/org/patd/Tokens1/operation/0123456789";
constexpr char kDefaultBus[] = "unix:path=/run/dbus/system_bus_socket";
constexpr std::size_t kPathsKept = 64;

struct Method {
    std::string interface;
    std::string name;
    std::vector<BusArgument> in;
};

class BusFuzzer {
  public:
    explicit BusFuzzer(FuzzRun& run) : run_(run) { read_interfaces(); }

    void round();
    // Closes what would outlive the process.
    void tidy();

  private:
    using Action = void (BusFuzzer::*)();

    void read_interfaces();
    void introspect(const std::string& path, BusInterfaces& into);
    void list();
    void call_well();
    void call_with_anything();
    void call_unknown();
    void ask_standard();
    void send_signal();
    void answer_nobody();
    void send_flags();
    void send_odd();
    void send_broken();
    RawMessage odd_message();
    void burst();
    void crowd();
    void operate();
    void hoard();
    void cancel_all();
    void leave();
    void expose();
    void touch_exposure();
    bus::MessagePtr new_call(BusClient& client, const Method& method);
    bus::MessagePtr good_call(BusClient& client, const Method& method);
    bus::MessagePtr good_call(const Method& method) { return good_call(*client_, method); }
    std::string path_for(const std::string& interface);
    std::string odd_path();
    void harvest(const Answer& answer);
    void keep(std::vector<std::string>& paths, const char* path);

    FuzzRun& run_;
    Chance& chance_ = run_.chance();
    Texts texts_{chance_, run_.options().words};
    OddDescriptors descriptors_{chance_};
    BusValues values_{chance_, texts_, descriptors_, run_.options().spared};
    std::unique_ptr<BusClient> client_ = std::make_unique<BusClient>(run_);
    std::unique_ptr<RawBus> raw_;
    std::unique_ptr<BusClient> silent_;  // reads nothing until another one replaces it
    std::vector<Method> methods_;
    std::vector<Method> beginners_;  // those that begin operations
    std::vector<std::string> tokens_;
    std::vector<std::string> operations_;
    std::vector<std::string> exposures_;
};

void BusFuzzer::introspect(const std::string& path, BusInterfaces& into) {
    const bus::MessagePtr call =
        client_->new_call(path, "org.freedesktop.DBus.Introspectable", "Introspect");
    client_->call(call, [&](const Answer& answer) {
        const char* xml = nullptr;
        if (answer.ok() && sd_bus_message_read(answer.message, "s", &xml) >= 0)
            into.merge(support::read_introspection(xml));
    });
}

void BusFuzzer::read_interfaces() {
    BusInterfaces interfaces;
    for (const char* path : {names::kManagerPath, kNoToken, kNoOperation})
        introspect(path, interfaces);
    for (const auto& [interface, members] : interfaces) {
        for (const auto& [name, arguments] : members.methods) {
            Method method{interface, name, {}};
            bool begins = false;
            for (const BusArgument& argument : arguments) {
                if (argument.direction != "out")
                    method.in.push_back(argument);
                else
                    begins = argument.name == "operation";
            }
            methods_.push_back(method);
            if (begins)
                beginners_.push_back(method);
        }
    }
    if (methods_.size() < 40 || beginners_.size() < 10)
        throw std::runtime_error("patd does not show its interface");
}

void BusFuzzer::keep(std::vector<std::string>& paths, const char* path) {
    if (paths.size() >= kPathsKept)
        paths.erase(paths.begin());
    paths.emplace_back(path);
}

// Remembers what an answer reveals: the path of an operation, of tokens, or an exposure.
void BusFuzzer::harvest(const Answer& answer) {
    if (!answer.ok())
        return;
    const std::string signature = sd_bus_message_get_signature(answer.message, 1);
    const char* text = nullptr;
    if (signature == "o" && sd_bus_message_read(answer.message, "o", &text) >= 0) {
        keep(operations_, text);
    } else if (signature == "s" && sd_bus_message_read(answer.message, "s", &text) >= 0) {
        if (std::string_view(text).size() < 64)
            keep(exposures_, text);
    } else if (signature == "a(oa{sv})") {
        (void)sd_bus_message_enter_container(answer.message, 'a', "(oa{sv})");
        while (sd_bus_message_enter_container(answer.message, 'r', "oa{sv}") > 0) {
            if (sd_bus_message_read(answer.message, "o", &text) > 0) {
                keep(tokens_, text);
                texts_.learn(tokens_.back().substr(tokens_.back().rfind('/') + 1));
            }
            (void)sd_bus_message_skip(answer.message, "a{sv}");
            (void)sd_bus_message_exit_container(answer.message);
        }
    }
}

std::string BusFuzzer::odd_path() {
    static constexpr std::array<const char*, 9> kPaths = {"/",
                                                          "/org",
                                                          "/org/patd",
                                                          "/org/patd/Tokens1/token",
                                                          "/org/patd/Tokens1/operation",
                                                          "/org/patd/Tokens1/token/_",
                                                          "/org/patd/Tokens1/token/a/b",
                                                          "/org/freedesktop/DBus",
                                                          "/org/patd/Tokens1/operation/0"};
    if (chance_.one_in(2))
        return chance_.pick(kPaths);
    std::string path = chance_.one_in(2) ? names::kTokenPrefix : names::kOperationPrefix;
    path += "/";
    for (std::size_t i = texts_.length(20000) + 1; i > 0; --i)
        path += "0123456789abcXYZ_"[chance_.below(17)];
    return path;
}

std::string BusFuzzer::path_for(const std::string& interface) {
    const std::string token = chance_.pick_or(tokens_, std::string(kNoToken));
    const std::string operation = chance_.pick_or(operations_, std::string(kNoOperation));
    if (chance_.one_in(16))
        return odd_path();
    if (interface == names::kTokenInterface)
        return token;
    return interface == names::kOperationInterface ? operation : names::kManagerPath;
}

bus::MessagePtr BusFuzzer::new_call(BusClient& client, const Method& method) {
    values_.begin_message();
    return client.new_call(path_for(method.interface), method.interface, method.name);
}

bus::MessagePtr BusFuzzer::good_call(BusClient& client, const Method& method) {
    bus::MessagePtr call = new_call(client, method);
    for (const BusArgument& argument : method.in)
        values_.append_argument(call.get(), method.name, argument);
    return call;
}

void BusFuzzer::call_well() {
    client_->call(good_call(chance_.pick(methods_)),
                  [this](const Answer& answer) { harvest(answer); });
}

void BusFuzzer::call_with_anything() {
    const Method& method = chance_.pick(methods_);
    const bus::MessagePtr call = new_call(*client_, method);
    // Too much after the right arguments, or something else.
    if (chance_.one_in(3)) {
        for (const BusArgument& argument : method.in)
            values_.append_argument(call.get(), method.name, argument);
    }
    const std::string signature = values_.signature(4);
    for (std::size_t at = 0; at < signature.size();) {
        const std::size_t length = BusValues::type_length(std::string_view(signature).substr(at));
        values_.append_any(call.get(), signature.substr(at, length));
        at += length;
    }
    client_->call(call);
}

void BusFuzzer::call_unknown() {
    const Method& method = chance_.pick(methods_);
    const std::size_t kind = chance_.below(5);
    std::string interface = method.interface;
    std::string name = method.name;
    std::string path = path_for(interface);
    if (kind == 0)
        interface.clear();
    if (kind == 1)
        interface += "x";
    if (kind == 2)
        name += chance_.one_in(2) ? std::string(chance_.between(1, 240), 'y') : "x";
    if (kind == 3)
        path = odd_path();
    if (kind == 4)
        interface = chance_.pick(methods_).interface;
    client_->call(client_->new_call(path, interface, name));
}

void BusFuzzer::ask_standard() {
    const std::string path =
        chance_.one_in(2) ? odd_path() : path_for(chance_.pick(methods_).interface);
    const Method& method = chance_.pick(methods_);
    bus::MessagePtr call;
    const auto properties = [&](const char* member) {
        call = client_->new_call(path, "org.freedesktop.DBus.Properties", member);
        (void)sd_bus_message_append_basic(call.get(), 's', method.interface.c_str());
    };
    switch (chance_.below(7)) {
        case 0:
            call = client_->new_call(path, "org.freedesktop.DBus.Introspectable", "Introspect");
            break;
        case 1:
            call =
                client_->new_call(path, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
            break;
        case 2:
            properties("GetAll");
            break;
        case 3:
            properties("Get");
            (void)sd_bus_message_append_basic(call.get(), 's', texts_.any("unit").c_str());
            break;
        case 4:
            properties("Set");
            (void)sd_bus_message_append_basic(call.get(), 's', "x");
            values_.append_any(call.get(), "v");
            break;
        case 5:
            call = client_->new_call(path, "org.freedesktop.DBus.Peer", "Ping");
            break;
        default:
            call = client_->new_call(path, "org.freedesktop.DBus.Peer", "GetMachineId");
    }
    client_->call(call);
}

// Signals to patd, or to all, that only the bus or systemd may send.
void BusFuzzer::send_signal() {
    static constexpr std::array<std::array<const char*, 3>, 7> kSignals = {
        {{"/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged"},
         {"/org/freedesktop/DBus", "org.freedesktop.DBus", "NameLost"},
         {"/org/freedesktop/DBus", "org.freedesktop.DBus", "NameAcquired"},
         {"/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local", "Disconnected"},
         {"/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "JobRemoved"},
         {names::kManagerPath, names::kManagerInterface, "TokenExpiring"},
         {names::kManagerPath, "org.freedesktop.DBus.Properties", "PropertiesChanged"}}};
    const auto& [path, interface, member] = chance_.pick(kSignals);
    sd_bus_message* raw = nullptr;
    if (sd_bus_message_new_signal(client_->bus(), &raw, path, interface, member) < 0)
        return;
    const bus::MessagePtr signal(raw);
    const char* own = "";
    (void)sd_bus_get_unique_name(client_->bus(), &own);
    const std::array<std::string, 4> names = {own, client_->service(), names::kBusName, ":1.0"};
    if (chance_.one_in(4))
        values_.append_any(raw, "a{sv}");
    else
        (void)sd_bus_message_append(raw, "sss", chance_.pick(names).c_str(),
                                    chance_.pick(names).c_str(), chance_.one_in(2) ? "" : own);
    if (!chance_.one_in(3))
        (void)sd_bus_message_set_destination(raw, client_->service().c_str());
    client_->send_without_answer(signal);
}

// An answer or an error to patd, for a call that it never made.
void BusFuzzer::answer_nobody() {
    sd_bus_message* raw = nullptr;
    if (sd_bus_message_new_method_call(client_->bus(), &raw, client_->service().c_str(), "/", "a.b",
                                       "C") < 0)
        return;
    const bus::MessagePtr call(raw);
    (void)sd_bus_message_set_sender(raw, client_->service().c_str());
    (void)sd_bus_message_seal(raw, chance_.one_in(2) ? chance_.below(1000) + 1 : chance_.any() | 1,
                              0);
    sd_bus_message* answer = nullptr;
    const int made = chance_.one_in(2) ? sd_bus_message_new_method_return(raw, &answer)
                                       : sd_bus_message_new_method_errorf(
                                             raw, &answer, "org.patd.Tokens1.Error.NotFound", "%s",
                                             texts_.odd().c_str());
    if (made < 0)
        return;
    const bus::MessagePtr held(answer);
    if (chance_.one_in(2))
        values_.append_any(answer, chance_.one_in(2) ? "u" : "a{sv}");
    client_->send_without_answer(held);
}

void BusFuzzer::send_flags() {
    const bus::MessagePtr call = good_call(chance_.pick(methods_));
    (void)sd_bus_message_set_auto_start(call.get(), chance_.one_in(2) ? 1 : 0);
    (void)sd_bus_message_set_allow_interactive_authorization(call.get(), chance_.one_in(2) ? 1 : 0);
    (void)sd_bus_message_set_expect_reply(call.get(), 0);
    client_->send_without_answer(call);
}

RawMessage BusFuzzer::odd_message() {
    if (!raw_ || raw_->gone()) {
        const char* address = std::getenv("DBUS_SYSTEM_BUS_ADDRESS");
        raw_ = std::make_unique<RawBus>(address == nullptr ? kDefaultBus : address);
    }
    return chance_.pick(odd_messages(client_->service(), raw_->name(), descriptors_.any()));
}

// Well-formed messages that would never be sent, as bytes that no library checked.
void BusFuzzer::send_odd() {
    const RawMessage message = odd_message();
    for (std::size_t i = chance_.between(1, 20); i > 0; --i) {
        run_.count();
        (void)raw_->send(message);
        raw_->read(0);
    }
    call_well();
}

// Malformed ones: a bus ends such a connection, and delivers nothing.
void BusFuzzer::send_broken() {
    const RawMessage message = odd_message();
    std::string bytes = message.marshal(1);
    const std::size_t reach = chance_.one_in(2) ? std::min<std::size_t>(bytes.size(), 200) : 0;
    for (std::size_t i = chance_.between(1, 4); i > 0; --i)
        bytes[chance_.below(reach > 0 ? reach : bytes.size())] = chance_.byte();
    if (chance_.one_in(4))
        bytes.resize(chance_.below(bytes.size()));
    run_.count();
    raw_->send(bytes, message.descriptors);
    raw_->read(0);
    raw_.reset();
    call_well();
}

// Many calls before the first answer is read; sometimes nobody stays to read them.
void BusFuzzer::burst() {
    const Method& method = chance_.pick(methods_);
    for (std::size_t i = chance_.between(2, 60); i > 0 && !client_->gone(); --i)
        client_->send(good_call(chance_.one_in(4) ? chance_.pick(methods_) : method),
                      [this](const Answer& answer) { harvest(answer); });
    if (chance_.one_in(3))
        leave();
    else
        client_->settle();
}

// Many connections, each with a call or two, that leave together.
void BusFuzzer::crowd() {
    std::vector<std::unique_ptr<BusClient>> crowd;
    for (std::size_t i = chance_.between(2, 12); i > 0; --i) {
        crowd.push_back(std::make_unique<BusClient>(run_));
        const Method& method = chance_.pick(methods_);
        crowd.back()->send(good_call(*crowd.back(), method));
        (void)sd_bus_flush(crowd.back()->bus());
    }
    if (chance_.one_in(2)) {
        for (const auto& one : crowd)
            one->settle();
    }
}

void BusFuzzer::operate() {
    const Method& method = chance_.pick(beginners_);
    // Other rounds may leave as many open as allowed.
    if (!chance_.one_in(4))
        cancel_all();
    // Rarely, because nothing is then left to attack.
    if (method.name == "RemoveAll" && !chance_.one_in(8))
        return;
    std::size_t secrets = 1;
    const bus::MessagePtr call = new_call(*client_, method);
    for (const BusArgument& argument : method.in) {
        if (argument.type == "a{sv}" && (method.name == "Import" || chance_.one_in(2))) {
            values_.append_import(call.get(), false);
        } else if (argument.type == "aa{sv}") {
            secrets = chance_.one_in(8) ? 1000 : chance_.between(1, 5);
            (void)sd_bus_message_open_container(call.get(), 'a', "a{sv}");
            for (std::size_t i = 0; i < secrets; ++i)
                values_.append_import(call.get(), true);
            (void)sd_bus_message_close_container(call.get());
        } else {
            values_.append_argument(call.get(), method.name, argument);
        }
    }
    std::string path;
    client_->call(call, [&](const Answer& answer) {
        const char* text = nullptr;
        if (answer.ok() && sd_bus_message_read(answer.message, "o", &text) >= 0)
            path = text;
    });
    if (path.empty())
        return;
    keep(operations_, path.c_str());
    if (!OperationDriver({run_, *client_, descriptors_}, path, secrets).drive())
        leave();
}

// Asks for one descriptor after another, reads no answer, and stays.
void BusFuzzer::hoard() {
    std::string path;
    const bus::MessagePtr call =
        client_->new_call(names::kManagerPath, names::kManagerInterface, "Verify");
    (void)sd_bus_message_append(call.get(), "a{sv}", 0);
    client_->call(call, [&](const Answer& answer) {
        const char* text = nullptr;
        if (answer.ok() && sd_bus_message_read(answer.message, "o", &text) >= 0)
            path = text;
    });
    if (path.empty())
        return;
    client_->call(
        client_->new_call(path, names::kOperationInterface, "Next"), [](const Answer& answer) {
            const char* kind = nullptr;
            int fd = -1;
            if (answer.ok() && sd_bus_message_read(answer.message, "ssh", &kind, nullptr, &fd) >= 0)
                (void)::send(fd, "pat1_x", 6, MSG_NOSIGNAL);
        });
    for (std::size_t i = chance_.between(1, 600); i > 0 && !client_->gone(); --i)
        client_->send_unread(client_->new_call(path, names::kOperationInterface, "Next"));
    silent_ = std::move(client_);
    client_ = std::make_unique<BusClient>(run_);
    operations_.clear();
}

void BusFuzzer::cancel_all() {
    for (const std::string& path : operations_)
        client_->send(client_->new_call(path, names::kOperationInterface, "Cancel"));
    operations_.clear();
    client_->settle();
}

void BusFuzzer::leave() {
    (void)sd_bus_flush(client_->bus());
    client_ = std::make_unique<BusClient>(run_);
    operations_.clear();
    list();
}

void BusFuzzer::list() {
    tokens_.clear();
    client_->call(client_->new_call(names::kManagerPath, names::kManagerInterface, "List"),
                  [this](const Answer& answer) { harvest(answer); });
}

void BusFuzzer::expose() {
    const UniqueFd listener = descriptors_.listener();
    const int fd = listener.get();
    const bus::MessagePtr call =
        client_->new_call(names::kManagerPath, names::kManagerInterface, "Expose");
    const std::string token = chance_.pick_or(tokens_, std::string(kNoToken));
    (void)sd_bus_message_append(call.get(), "ha{sv}", fd, 2, "only", "as", 1,
                                token.substr(token.rfind('/') + 1).c_str(), "seconds", "x",
                                static_cast<std::int64_t>(chance_.between(1, 20)));
    bool open = false;
    client_->call(call, [&](const Answer& answer) {
        open = answer.ok();
        harvest(answer);
    });
    if (open)
        touch_exposure();
    tidy();
}

// Some connections to the exposure: silent, half a request, a request.
void BusFuzzer::touch_exposure() {
    static constexpr std::array<std::string_view, 4> kTexts = {
        "", "patd=1\nop=get\nproto", "patd=1\nop=get\nprotocol=https\nhost=h1.example\n\n",
        "patd=1\nop=check\nuser=root\npassword=x\n\n"};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    descriptors_.listening_at().copy(address.sun_path, sizeof address.sun_path - 1);
    std::vector<UniqueFd> open;
    for (std::size_t i = chance_.between(1, 20); i > 0; --i) {
        UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            break;
        const std::string_view text = chance_.pick(kTexts);
        (void)::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (chance_.one_in(2))
            open.push_back(std::move(fd));
    }
    call_well();
}

void BusFuzzer::tidy() {
    for (const std::string& exposure : exposures_) {
        const bus::MessagePtr call =
            client_->new_call(names::kManagerPath, names::kManagerInterface, "Cut");
        (void)sd_bus_message_append_basic(call.get(), 's', exposure.c_str());
        client_->send(call);
    }
    exposures_.clear();
    client_->settle();
}

void BusFuzzer::round() {
    static constexpr std::array<Action, 27> kActions = {&BusFuzzer::call_well,
                                                        &BusFuzzer::call_well,
                                                        &BusFuzzer::call_well,
                                                        &BusFuzzer::call_well,
                                                        &BusFuzzer::call_well,
                                                        &BusFuzzer::call_well,
                                                        &BusFuzzer::call_with_anything,
                                                        &BusFuzzer::call_with_anything,
                                                        &BusFuzzer::call_with_anything,
                                                        &BusFuzzer::call_unknown,
                                                        &BusFuzzer::call_unknown,
                                                        &BusFuzzer::ask_standard,
                                                        &BusFuzzer::ask_standard,
                                                        &BusFuzzer::send_signal,
                                                        &BusFuzzer::answer_nobody,
                                                        &BusFuzzer::send_flags,
                                                        &BusFuzzer::send_odd,
                                                        &BusFuzzer::send_broken,
                                                        &BusFuzzer::burst,
                                                        &BusFuzzer::crowd,
                                                        &BusFuzzer::operate,
                                                        &BusFuzzer::operate,
                                                        &BusFuzzer::operate,
                                                        &BusFuzzer::leave,
                                                        &BusFuzzer::expose,
                                                        &BusFuzzer::list,
                                                        &BusFuzzer::hoard};
    if (client_->gone())
        client_ = std::make_unique<BusClient>(run_);
    (this->*chance_.pick(kActions))();
}

int run(int argc, char** argv) {
    FuzzRun fuzz("bus_fuzzer", argc, argv);
    BusFuzzer fuzzer(fuzz);
    const int status = fuzz.go([&] { fuzzer.round(); });
    fuzzer.tidy();
    return status;
}

}  // namespace
}  // namespace patd::hostile

int main(int argc, char** argv) {
    return patd::hostile::guarded([&] { return patd::hostile::run(argc, argv); });
}
