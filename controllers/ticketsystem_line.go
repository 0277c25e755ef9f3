package controllers

import (
	"slices"

	"k8s.io/apimachinery/pkg/types"
)

// line is who waits, one namespace after the other. The zero value is empty.
type line struct {
	namespaces []string
	waiting    map[string][]types.NamespacedName
	in         map[types.NamespacedName]bool
}

// add puts somebody at the end of the line of their namespace, once.
func (l *line) add(who types.NamespacedName) {
	if l.in[who] {
		return
	}
	if l.in == nil {
		l.in, l.waiting = map[types.NamespacedName]bool{}, map[string][]types.NamespacedName{}
	}
	l.in[who] = true
	if len(l.waiting[who.Namespace]) == 0 {
		l.namespaces = append(l.namespaces, who.Namespace)
	}
	l.waiting[who.Namespace] = append(l.waiting[who.Namespace], who)
}

// next takes who is first in the namespace whose turn it is.
func (l *line) next() (who types.NamespacedName, found bool) {
	if len(l.namespaces) == 0 {
		return types.NamespacedName{}, false
	}
	namespace := l.namespaces[0]
	l.namespaces = l.namespaces[1:]
	queue := l.waiting[namespace]
	who = queue[0]
	delete(l.in, who)
	if len(queue) == 1 {
		delete(l.waiting, namespace)
		return who, true
	}
	l.waiting[namespace] = queue[1:]
	l.namespaces = append(l.namespaces, namespace)
	return who, true
}

// size is how many wait.
func (l *line) size() int { return len(l.in) }

// ahead is how many come before somebody who waits: as many of each other namespace as of their own, and one more of those
// whose turn comes first.
func (l *line) ahead(who types.NamespacedName) int {
	before := slices.Index(l.waiting[who.Namespace], who)
	count, passed := 0, false
	for _, namespace := range l.namespaces {
		if namespace == who.Namespace {
			count, passed = count+before, true
			continue
		}
		rounds := before
		if !passed {
			rounds++
		}
		count += min(rounds, len(l.waiting[namespace]))
	}
	return count
}
