//! Plans from the past of a queue or a site: who will come, how many counters that takes, and what would be otherwise.
//!
//! The past is read once, from ended visits; everything after that is arithmetic of the domain.
//! Invariant: a plan is of one tenant, and changes nothing.

mod forecast;
mod place;
mod what_if;
mod what_if_view;

pub use forecast::{AccuracyView, ForecastDay, ForecastHalfHour, ForecastView, HolidayView};
pub use place::PlanPlace;
pub use what_if::{Prepared, WhatIf, WhatIfCounters};
pub use what_if_view::{WhatIfClass, WhatIfFigures, WhatIfRun, WhatIfView, WhatIfWait};
