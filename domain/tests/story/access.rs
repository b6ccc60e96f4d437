//! Who may do what: the scopes of each role, as the domain's table says.
//!
//! A role is a fixed set of scopes; nothing else gives a right.
//! Invariant: no role but the platform's may touch tenants, and devices and customers have next to nothing.

use domain::{Role, Scope, Scopes};

#[test]
fn each_role_has_exactly_the_scopes_of_the_table() {
    let manager = "read:queue write:queue manage:queue read:ticket write:ticket manage:ticket read:agent manage:agent \
                   read:customer write:customer read:reports send:notification read:feedback";
    let table = [
        (Role::PlatformAdmin, "platform".to_owned()),
        (Role::Admin, format!("{manager} manage:settings")),
        (Role::Manager, manager.to_owned()),
        (
            Role::Agent,
            "read:queue read:ticket write:ticket read:customer write:customer".to_owned(),
        ),
        (Role::Device, "device read:queue".to_owned()),
        (Role::Customer, String::new()),
    ];
    assert_eq!(table.len(), Role::ALL.len());
    for (role, scopes) in table {
        assert_eq!(role.scopes(), scopes.parse::<Scopes>().unwrap(), "{role}");
    }
}

#[test]
fn only_managers_and_administrators_act_for_others() {
    let supervisors: Vec<Role> =
        Role::ALL.iter().copied().filter(|role| role.supervises()).collect();
    assert_eq!(supervisors, [Role::Admin, Role::Manager]);
}

#[test]
fn a_token_can_only_narrow_what_a_role_may_do() {
    let asked: Scopes = "read:queue manage:settings".parse().unwrap();
    let granted = Role::Agent.scopes().and(asked);
    assert!(granted.has(Scope::ReadQueue) && !granted.has(Scope::ManageSettings));
    assert_eq!(granted.to_string(), "read:queue");
}

#[test]
fn roles_and_scopes_survive_their_text_form() {
    for role in Role::ALL {
        assert_eq!(role.as_str().parse::<Role>(), Ok(*role));
    }
    for scope in Scope::ALL {
        assert_eq!(scope.as_str().parse::<Scope>(), Ok(*scope));
    }
    assert!("superuser".parse::<Role>().is_err());
}
