//! The metrics of a run: their names, units and definitions, in one list.

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name in the tables.
    pub name: &'static str,
    /// Its unit; `time` stands for the model's time unit.
    pub unit: &'static str,
    /// What it is, exactly.
    pub definition: &'static str,
}

impl Metric {
    /// The metric of a name.
    pub fn find(name: &str) -> Option<&'static Metric> {
        METRICS.iter().find(|metric| metric.name == name)
    }
}

const fn metric(name: &'static str, unit: &'static str, definition: &'static str) -> Metric {
    Metric { name, unit, definition }
}

/// Every metric of a node, a sum of nodes, or the whole system, in the order of the summary.
pub const METRICS: &[Metric] = &[
    metric("places", "places", "places open, time average; none for a node without limit"),
    metric(
        "out_of_use",
        "places",
        "open places out of use after a patient, or away because nobody waited, time average",
    ),
    metric(
        "occupied",
        "people",
        "people in places, time average: in stay, in process, blocked, waiting for a window",
    ),
    metric("corridor", "people", "people in places beside the beds, time average"),
    metric("occupancy", "share", "people in places ÷ places, time averages"),
    metric("census_occupied", "people", "people in places at the census hour, mean of the days"),
    metric(
        "census_occupancy",
        "share",
        "people in places at the census hour ÷ places open then, sums over the days; at midnight as in KH03",
    ),
    metric(
        "least_7_day_occupancy",
        "share",
        "least of the means over 7 days in a row of people in places ÷ places open at the census hour",
    ),
    metric("most_7_day_occupancy", "share", "most of these means"),
    metric(
        "full",
        "share",
        "share of time with every place occupied; where places vary, of the time in which any is open",
    ),
    metric(
        "waiting",
        "people",
        "people in the queue and the waiting room, time average; holds no place",
    ),
    metric(
        "census_waiting",
        "people",
        "people in the queue and the waiting room at the census hour, mean of the days",
    ),
    metric(
        "delayed",
        "people",
        "people ready but still in a place (process, blocked, window, transfer), time average",
    ),
    metric(
        "blocked",
        "people",
        "people ready, with no process in the way, who hold a place because the next is not free, time average",
    ),
    metric(
        "census_blocked",
        "people",
        "people blocked in places at the census hour, mean of the days",
    ),
    metric(
        "no_criteria_to_reside",
        "people",
        "people in places at the census hour who are ready and remain: in a delay by process or blocked, not those who only wait for a leaving hour; as in the acute discharge sitrep (remaining), mean of the days",
    ),
    metric(
        "awaited",
        "people",
        "people ready elsewhere who hold a place there because none is free here, time average",
    ),
    metric(
        "left_by_17",
        "share",
        "departures before 17:00 ÷ departures, as in the acute discharge sitrep; only if departures are told",
    ),
    metric(
        "left_on_ready_day",
        "share",
        "departures on the day of the calendar on which the patient was ready ÷ departures, as in the discharge delays statistics; only if departures are told",
    ),
    metric(
        "days_after_ready",
        "days",
        "mean days of the calendar from ready to leaving, of those who left on a later day; only if departures are told",
    ),
    metric(
        "bed_days",
        "days",
        "days that people spent in places over the time measured; less than in a comparison's base: bed-days saved",
    ),
    metric(
        "delayed_bed_days",
        "days",
        "of these, days after they were ready (process, blocked, window, transfer)",
    ),
    metric("any_blocked", "share", "share of time with at least one person blocked"),
    metric("in_process", "people", "people ready but in a delay by process, time average"),
    metric("at_window", "people", "people free to go who wait for a leaving window, time average"),
    metric(
        "in_transfer",
        "people",
        "people on the way from here to the next place, whether or not they hold a place here, time average",
    ),
    metric(
        "reserved",
        "places",
        "places kept free for people who wait elsewhere for a window, are on the way, or were referred before they are ready, time average",
    ),
    metric(
        "joined",
        "people per time",
        "people who came into the queue or a place, or stood in line from a place elsewhere",
    ),
    metric("started", "people per time", "people who took a place"),
    metric(
        "started_per_1000",
        "people per 1,000 people and year",
        "people who took a place ÷ thousands of the population of the group, in 365 days",
    ),
    metric(
        "occupied_per_1000",
        "people per 1,000 people",
        "people in places, time average ÷ thousands of the population of the group",
    ),
    metric("departures", "people per time", "people who left a place"),
    metric("lost", "people per time", "people who found the queue full and were turned away"),
    metric("lost_share", "share", "people turned away ÷ people who joined"),
    metric(
        "balked",
        "people per time",
        "people who turned away on coming, before joining the line",
    ),
    metric("balked_share", "share", "people who turned away on coming ÷ people who joined"),
    metric("reneged", "people per time", "people who gave up waiting"),
    metric("reneged_share", "share", "people who gave up waiting ÷ people who joined"),
    metric(
        "removed",
        "people per time",
        "people taken off the queue: by a review, by an event, by death, or as a leg for which nobody waits any more",
    ),
    metric("switched", "people per time", "people who went over to another node while waiting"),
    metric(
        "displaced",
        "people per time",
        "people who went elsewhere because a better class took their place",
    ),
    metric("transferred", "people per time", "people sent on because there were fewer places"),
    metric(
        "interrupted",
        "people per time",
        "people who lost their place for a time; each part of such a stay is a start and a wait of its own, and all parts are one length of stay",
    ),
    metric("share_waiting", "share", "share of those who started who had waited at all"),
    metric(
        "mean_wait",
        "time",
        "mean time from joining the line to the start, of those who started; joined from the moment a place was sought, wherever the patient waited",
    ),
    metric("median_wait", "time", "median of that time"),
    metric("wait_p95", "time", "95th percentile of that time"),
    metric(
        "mean_length_of_stay",
        "time",
        "mean time from the start to leaving, delays included, of those who left; without the time in which a stay was interrupted",
    ),
    metric("median_length_of_stay", "time", "median of that time"),
    metric("length_of_stay_p95", "time", "95th percentile of that time"),
    metric(
        "mean_delay",
        "time",
        "mean time ready but still in the place, per departure: person-time delayed ÷ departures",
    ),
    metric(
        "readmissions",
        "people per time",
        "people who came into the system again after they had gone out of it from here",
    ),
    metric(
        "readmitted_share",
        "share",
        "people who came again after they had gone out from here ÷ people who went out of the system from here, alive and after a stay; each in the time measured",
    ),
    metric("readmitted_30_days", "share", "the same of those who came again within 30 days"),
    metric(
        "mean_time_to_join",
        "time",
        "mean time from the start until enough legs are over, of those whose legs were joined",
    ),
    metric(
        "legs_started",
        "legs per time",
        "legs that began of people whose stay is here; where they go, and to what end, is told at their nodes",
    ),
    metric(
        "failed_legs",
        "share",
        "legs that ended otherwise than after a stay (gave up, found a queue full, were taken off) ÷ legs that ended while somebody waited for them",
    ),
    metric(
        "visits",
        "visits per day",
        "visits made in a day, overrun included, mean of the whole days measured",
    ),
    metric("visits_sd", "visits per day", "standard deviation of that number from day to day"),
    metric("visits_budget", "visits per day", "visits that could be made, mean of the days"),
    metric("visits_utilisation", "share", "visits made ÷ visits that could be made"),
    metric(
        "visits_overrun",
        "visits per day",
        "visits made beyond those of the day, mean of the days: after a cut, or for people whose stay is over",
    ),
    metric("overrun_days", "share", "share of days with visits beyond those of the day"),
    metric(
        "visits_per_person",
        "visits",
        "mean visits made to those who left, over their whole stay",
    ),
    metric("group_sessions", "sessions per time", "sessions that people began together"),
    metric("group_size", "people", "people who took a place ÷ those sessions"),
    metric("slots_offered", "slots per time", "slots whose time came, of sessions that took place"),
    metric("slots_booked", "slots per time", "bookings of those slots, second ones included"),
    metric("slots_used", "slots per time", "contacts that began in a slot"),
    metric("slots_missed", "slots per time", "slots to which a patient did not come"),
    metric("slots_unused", "slots per time", "slots offered that were given to nobody"),
    metric("slots_cancelled", "slots per time", "booked slots that patients gave back"),
    metric("slots_called_off", "slots per time", "slots of sessions that were called off"),
    metric("slot_utilisation", "share", "contacts that began in a slot ÷ slots offered"),
    metric("missed_share", "share", "slots to which a patient did not come ÷ slots given"),
    metric("remote_share", "share", "remote contacts ÷ contacts"),
    metric("follow_ups_per_first", "ratio", "contacts that followed another ÷ first contacts"),
    metric(
        "cost",
        "money per time",
        "prices × what they are for: days in places, delayed days, contacts, starts, idle places, days",
    ),
    metric("session_minutes_offered", "minutes per time", "minutes of sessions that began"),
    metric(
        "session_minutes_used",
        "minutes per time",
        "minutes for which patients were seen in them",
    ),
    metric(
        "session_minutes_over",
        "minutes per time",
        "of those, minutes after the end of the session",
    ),
    metric("session_minutes_called_off", "minutes per time", "minutes of sessions called off"),
    metric("session_utilisation", "share", "minutes used within sessions ÷ minutes offered"),
    metric(
        "cancelled_on_day",
        "people per time",
        "people sent back to the list on the day: no time was left, or no place free elsewhere",
    ),
    metric("entered", "people per time", "people who came into the system"),
    metric("inside", "people", "people in the system, time average"),
    metric(
        "mean_time_in_system",
        "time",
        "mean time from coming in to going out, of those who went out",
    ),
    metric(
        "deadlocked",
        "share",
        "replications in which some people could never move again, because each held a place for which another of them waited",
    ),
    metric(
        "time_to_deadlock",
        "time",
        "time from the start of the run, warm-up included, to the instant at which these people could never move again; of the replications in which it came to that",
    ),
    metric(
        "exchanged",
        "people per time",
        "people who waited in a circle for one another's places and exchanged them",
    ),
    metric("clock_started", "people per time", "clocks started"),
    metric("clock_stopped", "people per time", "clocks stopped"),
    metric(
        "clock_dropped",
        "people per time",
        "clocks whose patient went out of the system before they stopped",
    ),
    metric("clock_mean", "time", "mean length of the clocks stopped, less their pauses"),
    metric("clock_median", "time", "median of that length"),
    metric("clock_p95", "time", "95th percentile of that length"),
    metric(
        "clock_within",
        "share",
        "clocks stopped after at most the first target ÷ clocks stopped (a length equal to the target is within)",
    ),
    metric("clock_breaches", "people per time", "clocks stopped after more than the first target"),
    metric(
        "clock_running",
        "people",
        "clocks that run at the census hour, pausing ones included, mean of the days",
    ),
    metric(
        "clock_running_within",
        "share",
        "of the clocks that run at the census hour, those that have run for at most the first target",
    ),
];
