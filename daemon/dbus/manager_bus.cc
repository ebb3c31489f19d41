// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/manager_bus.h"

#include "common/base/limits.h"
#include "common/base/names.h"
#include "common/bus/dict.h"
#include "daemon/dbus/events_bus.h"
#include "daemon/dbus/explanation.h"
#include "daemon/dbus/exposure_bus.h"
#include "daemon/dbus/status.h"
#include "daemon/dbus/token_dict.h"
#include "daemon/dbus/verify_plan.h"

namespace patd {
namespace {

using bus::kPlain;
using bus::kSensitive;

constinit const sd_bus_vtable kManagerVtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Create",
                            SD_BUS_ARGS("s", description, "as", permissions, "a{sv}", options),
                            SD_BUS_RESULT("o", operation),
                            (bus::query<Access::Owner, &ManagerBus::create>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("Import", SD_BUS_ARGS("s", description, "a{sv}", options),
                            SD_BUS_RESULT("o", operation),
                            (bus::query<Access::Owner, &ManagerBus::import>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("ImportMany", SD_BUS_ARGS("aa{sv}", tokens),
                            SD_BUS_RESULT("o", operation),
                            (bus::query<Access::Owner, &ManagerBus::import_many>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("List", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(oa{sv})", tokens),
                            (bus::query<Access::Owner, &ManagerBus::list>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Explain", SD_BUS_ARGS("s", url, "a{sv}", options),
                            SD_BUS_RESULT("s", outcome, "aa{sv}", candidates),
                            (bus::query<Access::Owner, &ManagerBus::explain>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("ListEvents", SD_BUS_ARGS("a{sv}", options),
                            SD_BUS_RESULT("aa{sv}", events),
                            (bus::query<Access::Owner, &ManagerBus::list_events>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Status", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", status),
                            (bus::query<Access::Owner, &ManagerBus::status>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("RemoveAll", SD_BUS_NO_ARGS, SD_BUS_RESULT("o", operation),
                            (bus::query<Access::Owner, &ManagerBus::remove_all>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("Lock", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                            (bus::method_once<Access::Owner, &ManagerBus::lock>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Unlock", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("o", operation),
                            (bus::query<Access::Owner, &ManagerBus::unlock>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("SetServicePassword", SD_BUS_NO_ARGS, SD_BUS_RESULT("o", operation),
                            (bus::query<Access::Owner, &ManagerBus::set_service_password>),
                            kSensitive),
    SD_BUS_METHOD_WITH_ARGS("Verify", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("o", operation),
                            (bus::query<Access::Anyone, &ManagerBus::verify>), kSensitive),
    SD_BUS_METHOD_WITH_ARGS("Expose", SD_BUS_ARGS("h", listener, "a{sv}", options),
                            SD_BUS_RESULT("s", exposure),
                            (bus::method<Access::Owner, &ManagerBus::open_exposure>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("ListExposures", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", exposures),
                            (bus::query<Access::Owner, &ManagerBus::list_exposures>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Cut", SD_BUS_ARGS("s", exposure), SD_BUS_NO_RESULT,
                            (bus::method<Access::Owner, &ManagerBus::cut>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("ListPermissions", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", permissions),
                            (bus::query<Access::Anyone, &ManagerBus::list_permissions>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Subscribe", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                            (bus::method<Access::Owner, &ManagerBus::subscribe>), kPlain),
    SD_BUS_METHOD_WITH_ARGS("Unsubscribe", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                            (bus::method<Access::Owner, &ManagerBus::unsubscribe>), kPlain),
    // Sent by daemon/dbus/signals_bus.cc, each to one connection that subscribed.
    SD_BUS_SIGNAL_WITH_ARGS("TokenExpiring", SD_BUS_ARGS("s", id, "x", expires), 0),
    SD_BUS_SIGNAL_WITH_ARGS("SecretReused", SD_BUS_ARGS("s", id, "s", how), 0), SD_BUS_VTABLE_END};

struct CreateArguments {
    std::string description;
    PermissionList permissions;
    TokenChange options;
};

Result<CreateArguments> read_create(sd_bus_message* message, ChangeKeys keys, UnixTime now) {
    CreateArguments arguments;
    arguments.description = TRY(parse_description(TRY(bus::read_string(message))));
    if (keys == ChangeKeys::Create)
        arguments.permissions = TRY(parse_permissions(TRY(bus::read_strings(message))));
    arguments.options = TRY(parse_token_change(TRY(bus::Dict::read(message)), keys, now));
    arguments.permissions = arguments.options.permissions.value_or(arguments.permissions);
    return arguments;
}

Result<NewToken> parse_import(bus::Dict dict, UnixTime now) {
    NewToken request;
    request.description =
        TRY(parse_description(TRY(dict.take<std::string>("description")).value_or(std::string())));
    request.options = TRY(parse_token_change(std::move(dict), ChangeKeys::Import, now));
    return request;
}

bus::Dict describe(const CatalogueEntry& entry) {
    bus::Dict dict;
    std::vector<std::string> accesses;
    if (!entry.object.empty())
        accesses.emplace_back("ro");
    if (entry.access == ObjectAccess::ReadWrite)
        accesses.emplace_back("rw");
    dict.set("area", entry.area);
    dict.set("object", entry.object);
    dict.set("access", std::move(accesses));
    dict.set("description", entry.description);
    return dict;
}

Result<std::optional<TokenId>> take_token(bus::Dict& options) {
    const auto text = TRY(options.take<std::string>("token"));
    if (!text)
        return std::optional<TokenId>();
    const std::optional<TokenId> id = TokenId::parse(*text);
    if (!id)
        return Errc::NotFound;
    return id;
}

}  // namespace

const sd_bus_vtable* ManagerBus::vtable() {
    return kManagerVtable;
}

void ManagerBus::find_account(bus::Call call, const AccountHandler& handler) {
    find_unit(services_.context.units, std::move(call),
              [this, handler](const Caller& caller, const CallPtr& held) {
                  services_.context.accounts.find_name(
                      caller.uid, [caller, held, handler](const Result<std::string>& account) {
                          if (!account)
                              return held->fail(account.error());
                          handler(caller, *account, held);
                      });
              });
}

void ManagerBus::begin(bus::Call call, MakePlan make_plan) {
    find_account(std::move(call),
                 [this, make_plan = std::move(make_plan)](
                     const Caller& caller, const std::string& account, const CallPtr& held) {
                     Result<Plan> plan = make_plan(caller, account);
                     operations_.begin(std::move(*held), account, std::move(plan));
                 });
}

void ManagerBus::create(bus::Call call) {
    const Result<CreateArguments> arguments =
        read_create(call.message(), ChangeKeys::Create, services_.context.clock.now());
    if (!arguments)
        return call.fail(arguments.error());
    begin(std::move(call), [this, a = *arguments](const Caller& caller,
                                                  const std::string& account) {
        return services_.tokens.create(caller, {account, a.description, a.permissions, a.options});
    });
}

void ManagerBus::import(bus::Call call) {
    const Result<CreateArguments> arguments =
        read_create(call.message(), ChangeKeys::Import, services_.context.clock.now());
    if (!arguments)
        return call.fail(arguments.error());
    begin(std::move(call), [this, a = *arguments](const Caller& caller,
                                                  const std::string& account) {
        return services_.tokens.import(caller, {account, a.description, a.permissions, a.options});
    });
}

// The tokens of an ImportMany that have been read and checked so far.
struct ManagerBus::Importing {
    CallPtr call;
    Caller caller;
    std::string account;
    std::vector<Token> tokens = {};
    bool has_begun = false;
};

Result<bool> ManagerBus::read_more(Importing& importing) {
    sd_bus_message* message = importing.call->message();
    if (!importing.has_begun)
        TRY(bus::enter_dicts(message));
    importing.has_begun = true;
    for (std::size_t left = limits::kDictsPerStep; left > 0; --left) {
        std::optional<bus::Dict> dict = TRY(bus::next_dict(message));
        if (!dict)
            return false;
        if (importing.tokens.size() == limits::kTokensPerUser)
            return Errc::LimitExceeded;
        NewToken request = TRY(parse_import(std::move(*dict), services_.context.clock.now()));
        request.owner_name = importing.account;
        importing.tokens.push_back(TRY(services_.tokens.new_import(importing.caller, request)));
    }
    return true;
}

void ManagerBus::import_many(bus::Call call) {
    find_account(std::move(call), [this](const Caller& caller, const std::string& account,
                                         const CallPtr& held) {
        const auto importing = std::make_shared<Importing>(Importing{held, caller, account});
        services_.context.turns.work(caller.uid, [this, importing] {
            const Result<bool> more = read_more(*importing);
            if (more && *more)
                return Turns::Progress::More;
            Result<Plan> plan =
                more ? services_.tokens.import_many(importing->caller, std::move(importing->tokens))
                     : more.error();
            operations_.begin(std::move(*importing->call), importing->account, std::move(plan));
            return Turns::Progress::Finished;
        });
    });
}

void ManagerBus::list(bus::Call call) {
    const Uid uid = call.caller().uid;
    const auto held = std::make_shared<bus::Call>(std::move(call));
    services_.context.accounts.find_name(uid, [this, held](const Result<std::string>& account) {
        if (!account)
            return held->fail(account.error());
        const Context& context = services_.context;
        const DescribedAt at{context.clock.now(), soon(context)};
        answer_tokens(services_.context.turns, held,
                      services_.tokens.list(held->caller(), *account),
                      [at](const store::ListedToken& listed) {
                          return patd::describe(listed.token, listed.last_use, at);
                      });
    });
}

void ManagerBus::explain(bus::Call call) {
    explain_url(std::move(call), services_.context, services_.releaser);
}

void ManagerBus::list_events(bus::Call call) {
    answer_events(std::move(call), services_.context, EventScope::Own);
}

void ManagerBus::status(bus::Call call) {
    const Uid uid = call.caller().uid;
    auto held = std::make_shared<bus::Call>(std::move(call));
    services_.context.accounts.find_name(uid, [this, held](const Result<std::string>& account) {
        if (!account)
            return held->fail(account.error());
        if (services_.password_state == nullptr)
            return reply_status(*held, *account, std::nullopt);
        services_.password_state->find(
            held->caller().uid, *account,
            [this, held, account = *account](std::optional<bool> has_password) {
                reply_status(*held, account, has_password);
            });
    });
}

void ManagerBus::reply_status(bus::Call& call, const std::string& account,
                              std::optional<bool> has_password) {
    Result<bus::Dict> status =
        read_status(services_.context, call.caller(), account, operations_.waits());
    if (!status)
        return call.fail(status.error());
    if (has_password)
        status->set("service-password", *has_password);
    call.reply([&](sd_bus_message* reply) { return status->append_to(reply); });
}

void ManagerBus::remove_all(bus::Call call) {
    begin(std::move(call), [this](const Caller& caller, const std::string& account) {
        return services_.tokens.remove_all(caller, account);
    });
}

void ManagerBus::lock(bus::Call call) {
    auto held = std::make_shared<bus::Call>(std::move(call));
    const Caller& caller = held->caller();
    const auto lock = [this, held] {
        services_.tokens.lock(held->caller(), [held](const Result<void>& locked) {
            if (!locked)
                return held->fail(locked.error());
            held->reply();
        });
    };
    const Result<std::size_t> tokens = services_.context.store.count(caller.uid);
    if (!tokens || *tokens > 0)
        return lock();
    // Every user has thousands of uids without an account (subuid(5)); we keep nothing about those.
    services_.context.accounts.find_name(
        caller.uid, [held, lock](const Result<std::string>& account) {
            if (!account && account.error().code == Errc::AccessDenied)
                return held->fail(account.error());
            lock();
        });
}

void ManagerBus::unlock(bus::Call call) {
    const auto read = [&]() -> Result<MakePlan> {
        bus::Dict options = TRY(bus::Dict::read(call.message()));
        const std::optional<TokenId> token = TRY(take_token(options));
        const auto seconds = TRY(options.take<std::int64_t>("seconds"));
        TRY(options.expect_empty());
        if (token.has_value() != seconds.has_value())
            return Errc::MalformedRequest;
        if (!token) {
            return MakePlan([this](const Caller& caller, const std::string&) {
                return services_.tokens.unlock(caller);
            });
        }
        const TokenId id = *token;
        const std::chrono::seconds duration(*seconds);
        return MakePlan([this, id, duration](const Caller& caller, const std::string&) {
            return services_.tokens.open_for(caller, id, duration);
        });
    };
    Result<MakePlan> plan = read();
    if (!plan)
        return call.fail(plan.error());
    begin(std::move(call), std::move(*plan));
}

void ManagerBus::set_service_password(bus::Call call) {
    begin(std::move(call), [this](const Caller& caller, const std::string&) {
        return services_.tokens.set_service_password(caller);
    });
}

void ManagerBus::verify(bus::Call call) {
    const Result<bus::Dict> options = bus::Dict::read(call.message());
    if (!options)
        return call.fail(options.error());
    find_unit(
        services_.context.units, std::move(call),
        [this, options = *options](const Caller& caller, const std::shared_ptr<bus::Call>& held) {
            // No account is needed: nobody is asked for a password.
            operations_.begin(std::move(*held), "",
                              make_verify_plan(services_.verifier, caller, options));
        });
}

void find_unit(UnitLookup& units, bus::Call call, const CallHandler& handler) {
    const auto held = std::make_shared<bus::Call>(std::move(call));
    units.name(held->caller(), [held, handler](const Caller& caller) { handler(caller, held); });
}

void ManagerBus::open_exposure(bus::Call call) {
    answer_open_exposure(std::move(call), services_.context.accounts, services_.exposures);
}

void ManagerBus::list_exposures(bus::Call call) {
    answer_list_exposures(std::move(call), services_.exposures);
}

void ManagerBus::cut(bus::Call call) {
    answer_cut(std::move(call), services_.exposures);
}

void ManagerBus::list_permissions(bus::Call call) {
    using Entries = std::vector<CatalogueEntry>;
    answer_dicts(services_.context.turns, std::make_shared<bus::Call>(std::move(call)),
                 std::make_shared<const Entries>(services_.context.state.catalogue.entries()),
                 [](const CatalogueEntry& entry) { return describe(entry); });
}

void ManagerBus::subscribe(bus::Call call) {
    const Result<void> added = services_.context.subscriptions.add(call.caller());
    if (!added)
        return call.fail(added.error());
    call.reply();
}

void ManagerBus::unsubscribe(bus::Call call) {
    services_.context.subscriptions.remove(call.caller());
    call.reply();
}

}  // namespace patd
