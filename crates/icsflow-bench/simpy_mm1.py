"""The workload W1 in SimPy, in Resource form: a queue M/M/1 with 0.9 arrivals and 1 end of
service per unit of time, a process for each customer.

    python simpy_mm1.py [CUSTOMERS] [SEED]

prints one line of JSON. The mean time in the system should be near 10.
"""

import json
import random
import sys
import time

import simpy


def customer(env, server, draw, times):
    """Queues for the server, is served, and notes the time in the system."""
    came = env.now
    with server.request() as request:
        yield request
        yield env.timeout(draw(1.0))
    times[0] += env.now - came


def source(env, server, draw, times, customers):
    """Sends the customers."""
    for _ in range(customers):
        yield env.timeout(draw(0.9))
        env.process(customer(env, server, draw, times))


def main():
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    draw = random.Random(seed).expovariate
    env = simpy.Environment()
    server = simpy.Resource(env, capacity=1)
    times = [0.0]
    env.process(source(env, server, draw, times, customers))
    start = time.process_time()
    env.run()
    cpu_seconds = time.process_time() - start
    print(
        json.dumps(
            {
                "program": f"simpy {simpy.__version__}",
                "customers": customers,
                "seed": seed,
                "cpu_seconds": cpu_seconds,
                "cpu_seconds_per_customer": cpu_seconds / customers,
                "ns_per_customer": cpu_seconds * 1e9 / customers,
                "mean_time_in_system": times[0] / customers,
            }
        )
    )


if __name__ == "__main__":
    main()
