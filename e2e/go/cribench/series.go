package main

import (
	"context"
	"math"
	"sort"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// series collects the durations of each operation; safe for concurrent use.
type series struct {
	mu     sync.Mutex
	ms     map[string][]float64
	errors map[string]int
	last   string
}

func newSeries() *series { return &series{ms: map[string][]float64{}, errors: map[string]int{}} }

// call times one RPC under the -timeout deadline.
func (s *series) call(op string, f func(context.Context) error) error {
	c, cancel := deadline()
	defer cancel()
	t := time.Now()
	err := f(c)
	s.add(op, time.Since(t), err)
	return err
}

// add records a duration, or counts a failure, which has no duration. A runtime that does not have the call has neither.
func (s *series) add(op string, d time.Duration, err error) {
	if status.Code(err) == codes.Unimplemented {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.errors[op]++
		s.last = op + ": " + err.Error()
		return
	}
	s.ms[op] = append(s.ms[op], float64(d.Microseconds())/1000)
}

func (s *series) out() obj {
	o := obj{}
	for op, v := range s.ms {
		sort.Float64s(v)
		total := 0.0
		for _, x := range v {
			total += x
		}
		o[op] = obj{"n": len(v), "mean": r2(total / float64(len(v))), "min": r2(v[0]), "p50": r2(quantile(v, .5)),
			"p95": r2(quantile(v, .95)), "p99": r2(quantile(v, .99)), "max": r2(v[len(v)-1])}
	}
	if len(s.errors) > 0 {
		o["errors"] = s.errors
		o["last_error"] = s.last
	}
	return o
}

// quantile of a sorted, non-empty slice, by nearest rank.
func quantile(v []float64, p float64) float64 {
	return v[max(0, int(math.Ceil(p*float64(len(v))))-1)]
}

func r2(f float64) float64 { return math.Round(f*100) / 100 }
