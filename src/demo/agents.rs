//! The ten agents of the demo branch.
//!
//! The first five have a usual counter; the first four of them are simulated and the fifth waits for the visitor.
//! Invariant: e-mail addresses are unique and lead nowhere.

/// One agent: name, the part of the e-mail before the @, and what they serve as letters of queues.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) mailbox: &'static str,
    /// Prefixes of the queues.
    pub(super) queues: &'static [&'static str],
}

const fn person(
    name: &'static str,
    mailbox: &'static str,
    queues: &'static [&'static str],
) -> Person {
    Person { name, mailbox, queues }
}

const ALL: &[&str] = &["A", "B", "C"];

/// In the order of their counters.
pub(super) const PEOPLE: [Person; 10] = [
    person("Awa Ndiaye", "awa.ndiaye", &["A", "B"]),
    person("Mamadou Diop", "mamadou.diop", &["A", "B"]),
    person("Fatou Sarr", "fatou.sarr", &["B", "C"]),
    person("Ousmane Fall", "ousmane.fall", &["A", "C"]),
    person("Aminata Ba", "aminata.ba", ALL),
    person("Cheikh Gueye", "cheikh.gueye", ALL),
    person("Mariama Sow", "mariama.sow", ALL),
    person("Ibrahima Faye", "ibrahima.faye", ALL),
    person("Khady Mbaye", "khady.mbaye", ALL),
    person("Moussa Cissé", "moussa.cisse", ALL),
];

/// Counters of the branch, by name.
pub(super) const COUNTERS: [&str; 5] = ["1", "2", "3", "4", "5"];
/// Agents who are simulated, each at the counter of the same place. One counter stays free.
pub(super) const SIMULATED: usize = COUNTERS.len() - 1;

impl Person {
    pub(super) fn email(&self) -> String {
        format!("{}@demo.example", self.mailbox)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_queue_is_served_by_two_simulated_agents_at_least() {
        for queue in ALL {
            let simulated = PEOPLE.iter().take(SIMULATED);
            assert!(
                simulated.filter(|person| person.queues.contains(queue)).count() >= 2,
                "{queue}"
            );
        }
    }

    #[test]
    fn nobody_shares_an_address() {
        let addresses: std::collections::BTreeSet<String> =
            PEOPLE.iter().map(Person::email).collect();
        assert_eq!(addresses.len(), PEOPLE.len());
    }
}
