package main

import (
	"context"
	"fmt"
	"io"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/config"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// finalizerPage is how many remediations are read at once.
const finalizerPage = 500

const removeFinalizersUsage = `Takes the finalizer of Gemba from every remediation, so that an uninstallation does not hang on them.
Their tickets stay as they are. Stop the manager first: a running one puts finalizers back.

Usage:
  gemba remove-finalizers [flags]

Flags:
`

func removeFinalizers(ctx context.Context, arguments []string, out io.Writer) error {
	flags := newFlagSet("gemba remove-finalizers", removeFinalizersUsage, out)
	bindGoFlags(flags, config.RegisterFlags)
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	restConfig, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the API server: %w", err)
	}
	scheme, err := newScheme()
	if err != nil {
		return err
	}
	api, err := client.New(restConfig, client.Options{Scheme: scheme})
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	removed, err := removeAllFinalizers(ctx, api)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "removed the finalizer from %d remediations\n", removed)
	return err
}

// removeAllFinalizers goes through all remediations page by page, and gives how many it changed.
func removeAllFinalizers(ctx context.Context, api client.Client) (removed int, err error) {
	page := client.ListOptions{Limit: finalizerPage}
	for {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(governancev1alpha1.GroupVersion.WithKind("RemediationList"))
		err := api.List(ctx, list, &page)
		if kindIsGone(err) {
			return removed, nil
		}
		if err != nil {
			return removed, fmt.Errorf("list remediations: %w", err)
		}
		for i := range list.Items {
			changed, err := removeFinalizer(ctx, api, client.ObjectKeyFromObject(&list.Items[i]))
			if err != nil {
				return removed, err
			}
			if changed {
				removed++
			}
		}
		if page.Continue = list.Continue; page.Continue == "" {
			return removed, nil
		}
	}
}

// kindIsGone says whether an error means that the cluster has no such kind, or no more: an uninstallation that is run
// twice, or in another order, finds nothing left to do.
func kindIsGone(err error) bool {
	return meta.IsNoMatchError(err) || apierrors.IsNotFound(err)
}

// removeFinalizer takes the finalizer from one remediation, whoever else writes it at the same time.
func removeFinalizer(ctx context.Context, api client.Client, key client.ObjectKey) (changed bool, err error) {
	err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
		changed = false
		remediation := &metav1.PartialObjectMetadata{}
		remediation.SetGroupVersionKind(governancev1alpha1.GroupVersion.WithKind("Remediation"))
		if err := api.Get(ctx, key, remediation); err != nil {
			return err
		}
		before := remediation.DeepCopy()
		if !controllerutil.RemoveFinalizer(remediation, governancev1alpha1.FinalizerRemediation) {
			return nil
		}
		changed = true
		return api.Patch(ctx, remediation, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	})
	if kindIsGone(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("take the finalizer from remediation %s: %w", key, err)
	}
	return changed, nil
}
