package chart

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

const (
	tenant = "journeys"
	reader = "kpi-reader"
)

// The account may do all with ConfigMaps and Secrets of its namespace, so that whatever is refused here is refused by
// the rights of the release. Plain impersonation, which an API server falls back to, would let all of it pass.
func TestTheManagerReadsAsAnAccountWhatTheReleaseListsAndNothingElse(t *testing.T) {
	c := startCluster(t)
	c.installRights(t)
	c.createTenant(t)
	account := c.actAs(t, "system:serviceaccount:"+tenant+":"+reader)
	figures := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: "figures"}}
	others := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: "figures"}}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: "password"}}
	within := client.InNamespace(tenant)

	// Roles take a moment until they count.
	eventually(t, "read a ConfigMap as the account", func(ctx context.Context) (bool, error) {
		err := account.Get(ctx, client.ObjectKeyFromObject(figures), figures)
		return err == nil, ignoreForbidden(err)
	})
	if got := figures.Data["moversRetained"]; got != "60" {
		t.Errorf("the account reads %q, want 60", got)
	}
	if err := account.List(t.Context(), &corev1.ConfigMapList{}, within); err != nil {
		t.Errorf("list ConfigMaps as the account: %v", err)
	}

	for what, err := range map[string]error{
		"get a Secret":                      account.Get(t.Context(), client.ObjectKeyFromObject(secret), secret),
		"list Secrets":                      account.List(t.Context(), &corev1.SecretList{}, within),
		"get a kind that is not listed":     account.Get(t.Context(), client.ObjectKey{Namespace: tenant, Name: reader}, &corev1.ServiceAccount{}),
		"update a ConfigMap":                account.Update(t.Context(), figures),
		"delete a ConfigMap":                account.Delete(t.Context(), figures),
		"create a ConfigMap":                account.Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: "x"}}),
		"get a ConfigMap that is another's": account.Get(t.Context(), client.ObjectKeyFromObject(others), others),
		"get a ConfigMap as a user":         c.actAs(t, "somebody").Get(t.Context(), client.ObjectKeyFromObject(figures), figures),
		"get a ConfigMap as a group that may do everything": c.actAs(t, "somebody", "system:masters").
			Get(t.Context(), client.ObjectKeyFromObject(figures), figures),
		"get a ConfigMap as an account of a group that may do everything": c.actAs(t, "system:serviceaccount:"+tenant+":"+reader, "system:masters").
			Get(t.Context(), client.ObjectKeyFromObject(figures), figures),
	} {
		if !apierrors.IsForbidden(err) {
			t.Errorf("%s: got %v, want that it is forbidden", what, err)
		}
	}
}

func ignoreForbidden(err error) error {
	if apierrors.IsForbidden(err) {
		return nil
	}
	return err
}

// installRights creates the roles of the release and what binds them, and nothing else of it.
func (c *cluster) installRights(t *testing.T) {
	t.Helper()
	for key, object := range render(t) {
		switch object.GetKind() {
		case "ClusterRole", "ClusterRoleBinding":
			if object.GetAnnotations()[isHook] != "" {
				continue
			}
			if err := c.Create(t.Context(), object); err != nil {
				t.Fatalf("create %s: %v", key, err)
			}
		}
	}
}

// createTenant creates a namespace with an account, what it may read, and what it may not be read as.
func (c *cluster) createTenant(t *testing.T) {
	t.Helper()
	meta := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: tenant, Name: name} }
	for _, object := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: tenant}},
		&corev1.ServiceAccount{ObjectMeta: meta(reader)},
		&corev1.ConfigMap{ObjectMeta: meta("figures"), Data: map[string]string{"moversRetained": "60"}},
		&corev1.Secret{ObjectMeta: meta("password"), StringData: map[string]string{"password": "hearthlight"}},
		&rbacv1.Role{ObjectMeta: meta(reader), Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{""}, Resources: []string{"configmaps", "secrets", "serviceaccounts"}, Verbs: []string{"*"},
		}}},
		&rbacv1.RoleBinding{
			ObjectMeta: meta(reader),
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: reader},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: tenant, Name: reader}},
		},
	} {
		if err := c.Create(t.Context(), object); err != nil {
			t.Fatalf("create %T %s: %v", object, object.GetName(), err)
		}
	}
}

// actAs is a client of the manager that acts as somebody else.
func (c *cluster) actAs(t *testing.T, user string, groups ...string) client.Client {
	t.Helper()
	manager, err := c.environment.AddUser(envtest.User{
		Name:   "system:serviceaccount:" + namespace + ":gemba-manager",
		Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	config := rest.CopyConfig(manager.Config())
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups}
	// To ask which kinds there are is a request too, and would have to be allowed as well.
	acting, err := client.New(config, client.Options{Scheme: c.Scheme(), Mapper: c.RESTMapper()})
	if err != nil {
		t.Fatal(err)
	}
	return acting
}
