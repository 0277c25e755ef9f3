package standin

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// cut is a part of a list: at most limit, from an offset on.
func cut[T any](list []T, offset, limit int) []T {
	begin := min(offset, len(list))
	return list[begin:min(begin+limit, len(list))]
}

// newestFirst turns a list around.
func newestFirst(list []record) []record {
	turned := slices.Clone(list)
	slices.Reverse(turned)
	return turned
}

// transform makes a list of another.
func transform[T any](list []record, to func(record) T) []T {
	made := make([]T, 0, len(list))
	for _, r := range list {
		made = append(made, to(r))
	}
	return made
}

// links writes a Link header (RFC 8288), in the order given. Those without a target are left out.
func links(separator string, targets ...[2]string) string {
	written := []string{}
	for _, target := range targets {
		if target[1] != "" {
			written = append(written, fmt.Sprintf("<%s>;%srel=%q", target[1], separator, target[0]))
		}
	}
	return strings.Join(written, ","+separator)
}

// numberedPage is a page of a list whose pages count from 1.
type numberedPage struct {
	call                call
	number, size, total int
}

func pageOf(c call, total, number, size int) numberedPage {
	return numberedPage{call: c, number: number, size: size, total: total}
}

func (p numberedPage) offset() int { return (p.number - 1) * p.size }

// last is the number of the last page, at least 1.
func (p numberedPage) last() int { return max(1, (p.total+p.size-1)/p.size) }

// next is the number of the next page; 0 on the last one.
func (p numberedPage) next() int {
	if p.number < p.last() {
		return p.number + 1
	}
	return 0
}

// to is the URL of a page; empty for page 0.
func (p numberedPage) to(number int) string {
	if number < 1 {
		return ""
	}
	return p.call.here(map[string]string{"page": strconv.Itoa(number)})
}
