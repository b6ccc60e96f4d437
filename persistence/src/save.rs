//! Small write transactions, by matter. The statements are the same for both databases.
//!
//! Each is a [`crate::backend::Job`]: run in a transaction that commits when it returns Ok.
//! Invariant: a job that refuses has changed nothing, because its transaction is rolled back.

pub(crate) mod access;
pub(crate) mod alert;
pub(crate) mod audit;
pub(crate) mod customer;
pub(crate) mod api_key;
pub(crate) mod daily;
pub(crate) mod device;
pub(crate) mod external;
pub(crate) mod feedback;
pub(crate) mod identity;
pub(crate) mod erase;
pub(crate) mod keys;
pub(crate) mod resources;
pub(crate) mod roll_up;
pub(crate) mod sample;
pub(crate) mod tenant;
pub(crate) mod vault;

use crate::error::{SaveError, StoreError};

pub(crate) fn failed(source: sqlx::Error) -> SaveError {
    SaveError::Store(StoreError::database("write", source))
}
